//! Operation names to the engine's functions, JSON on both sides.

use axum::http::StatusCode;
use dynoxide::{Database, DynoxideError};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::Answer;
use super::records::Records;

/// Runs one operation; an unknown name is refused as DynamoDB does.
pub(super) fn run(db: &Database, operation: &str, body: &[u8]) -> Answer {
    match operation {
        "CreateTable" => call(body, |request| db.create_table(request)),
        "DeleteTable" => call(body, |request| db.delete_table(request)),
        "DescribeTable" => call(body, |request| db.describe_table(request)),
        "ListTables" => call(body, |request| db.list_tables(request)),
        "UpdateTable" => call(body, |request| db.update_table(request)),
        "UpdateTimeToLive" => call(body, |request| db.update_time_to_live(request)),
        "DescribeTimeToLive" => call(body, |request| db.describe_time_to_live(request)),
        "TagResource" => call(body, |request| db.tag_resource(request)),
        "UntagResource" => call(body, |request| db.untag_resource(request)),
        "ListTagsOfResource" => call(body, |request| db.list_tags_of_resource(request)),
        "PutItem" => call(body, |request| db.put_item(request)),
        "GetItem" => call(body, |request| db.get_item(request)),
        "UpdateItem" => call(body, |request| db.update_item(request)),
        "DeleteItem" => call(body, |request| db.delete_item(request)),
        "Query" => call(body, |request| db.query(request)),
        "Scan" => call(body, |request| db.scan(request)),
        "BatchGetItem" => call(body, |request| db.batch_get_item(request)),
        "BatchWriteItem" => call(body, |request| db.batch_write_item(request)),
        "TransactGetItems" => call(body, |request| db.transact_get_items(request)),
        "ListStreams" => call(body, |request| db.list_streams(request)),
        "DescribeStream" => call(body, |request| db.describe_stream(request)),
        "GetShardIterator" => call(body, |request| db.get_shard_iterator(request)),
        "GetRecords" => call(body, |request| db.get_records(request).map(Records::from)),
        _ => Answer::refusal(
            StatusCode::BAD_REQUEST,
            "com.amazon.coral.service#UnknownOperationException",
            &format!("The embedded DynamoDB has no operation {operation:?}."),
        ),
    }
}

/// The engine's result in DynamoDB's form.
pub(super) fn answer<T: Serialize>(result: dynoxide::Result<T>) -> Answer {
    let body = result.and_then(|value| {
        serde_json::to_vec(&value).map_err(|error| DynoxideError::InternalServerError(error.to_string()))
    });
    match body {
        Ok(body) => Answer {
            status: StatusCode::OK,
            body: body.into(),
        },
        Err(error) => Answer::from_error(&error),
    }
}

/// A request from its body.
pub(super) fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, Answer> {
    serde_json::from_slice(body).map_err(|error| unreadable(&error.to_string()))
}

fn call<Q: DeserializeOwned, A: Serialize>(
    body: &[u8],
    run: impl FnOnce(Q) -> dynoxide::Result<A>,
) -> Answer {
    match read(body) {
        Ok(request) => answer(run(request)),
        Err(refusal) => refusal,
    }
}

/// The engine marks what it refuses while reading with the class of the error, as a prefix of the message.
fn unreadable(message: &str) -> Answer {
    let validation = message.starts_with("VALIDATION");
    let missing = [
        "missing field",
        "unknown variant",
        "invalid type: null",
        "AttributeValue",
    ];
    let said = match message.split_once(':') {
        Some((mark, rest)) if mark.starts_with("VALIDATION") || mark.starts_with("SERIALIZATION") => rest,
        _ => message,
    };
    let error = if validation || missing.iter().any(|part| said.contains(part)) {
        DynoxideError::ValidationException(said.to_owned())
    } else {
        DynoxideError::SerializationException(said.to_owned())
    };
    Answer::from_error(&error)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body(answer: &Answer) -> String {
        String::from_utf8(answer.body.to_vec()).unwrap()
    }

    #[test]
    fn what_cannot_be_read_is_a_client_error_in_dynamodbs_form() {
        let db = Database::memory().unwrap();
        let answer = run(&db, "PutItem", b"{");
        assert_eq!(answer.status, StatusCode::BAD_REQUEST);
        assert!(body(&answer).contains("SerializationException"));

        let answer = run(&db, "PutItem", br#"{"TableName":"t"}"#);
        assert!(body(&answer).contains("ValidationException"), "{}", body(&answer));

        let answer = run(&db, "FlyToTheMoon", b"{}");
        assert!(body(&answer).contains("UnknownOperationException"));
    }

    #[test]
    fn the_engines_marks_never_reach_the_client() {
        let answer = unreadable("VALIDATION_REQUEST:a number is no number at line 1 column 4");
        assert!(body(&answer).contains("ValidationException") && !body(&answer).contains("_REQUEST"));
    }
}
