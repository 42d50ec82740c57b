use aws_sdk_dynamodb::types::{
    AttributeDefinition, GlobalSecondaryIndexDescription, Projection, ScalarAttributeType,
    StreamSpecification, StreamViewType,
};

use super::*;
use crate::provision::{Attribute, IndexSpec, Redrive};

fn declared() -> TableSpec {
    let attribute = |name: &str| Attribute {
        name: name.to_owned(),
        kind: "S".to_owned(),
    };
    TableSpec {
        name: "calls".to_owned(),
        attributes: ["PK", "SK", "sid_pk"].map(attribute).to_vec(),
        key: KeySpec {
            hash: "PK".to_owned(),
            range: Some("SK".to_owned()),
        },
        indexes: vec![IndexSpec {
            name: "sid".to_owned(),
            key: KeySpec {
                hash: "sid_pk".to_owned(),
                range: None,
            },
            include: vec!["f".to_owned()],
        }],
        stream: Some("NEW_AND_OLD_IMAGES".to_owned()),
        expires: None,
    }
}

fn part(name: &str, kind: KeyType) -> KeySchemaElement {
    KeySchemaElement::builder()
        .attribute_name(name)
        .key_type(kind)
        .build()
        .unwrap()
}

fn index(name: &str) -> GlobalSecondaryIndexDescription {
    GlobalSecondaryIndexDescription::builder()
        .index_name(name)
        .key_schema(part(&format!("{name}_pk"), KeyType::Hash))
        .projection(Projection::builder().non_key_attributes("f").build())
        .build()
}

/// What DynamoDB would say of [`declared`].
fn existing() -> TableDescription {
    let attribute = |name: &str| {
        AttributeDefinition::builder()
            .attribute_name(name)
            .attribute_type(ScalarAttributeType::S)
            .build()
            .unwrap()
    };
    let stream = StreamSpecification::builder()
        .stream_enabled(true)
        .stream_view_type(StreamViewType::NewAndOldImages);
    TableDescription::builder()
        .set_attribute_definitions(Some(["PK", "SK", "sid_pk"].map(attribute).to_vec()))
        // The order is DynamoDB's own.
        .key_schema(part("SK", KeyType::Range))
        .key_schema(part("PK", KeyType::Hash))
        .global_secondary_indexes(index("sid"))
        .stream_specification(stream.build().unwrap())
        .build()
}

#[test]
fn a_table_as_declared_does_not_differ() {
    assert_eq!(of_table(&declared(), &existing()), Vec::<String>::new());
}

#[test]
fn each_thing_that_differs_is_said() {
    let mut wanted = declared();
    wanted.key.range = Some("sort".to_owned());
    wanted.attributes[2].kind = "N".to_owned();
    wanted.indexes[0].include.push("g".to_owned());
    wanted.indexes.push(IndexSpec {
        name: "phone".to_owned(),
        ..wanted.indexes[0].clone()
    });
    wanted.stream = None;
    let mut is = existing();
    is.global_secondary_indexes
        .get_or_insert_default()
        .push(index("old"));
    assert_eq!(
        of_table(&wanted, &is),
        [
            "its key is `PK / SK`, declared `PK / sort`",
            "the type of sid_pk is `S`, declared `N`",
            "what index sid includes is `f`, declared `f, g`",
            "its index phone is missing",
            "its index old is declared nowhere",
            "its stream is `NEW_AND_OLD_IMAGES`, declared `none`",
        ]
    );
}

fn queue() -> QueueSpec {
    QueueSpec {
        name: "dial".to_owned(),
        visibility_s: 270,
        retention_s: 100,
        wait_s: 20,
        redrive: Some(Redrive {
            queue: "dial-dead".to_owned(),
            max_receives: 5,
        }),
    }
}

fn attributes(visibility: &str, policy: &str) -> BTreeMap<String, String> {
    let pairs = [
        ("VisibilityTimeout", visibility),
        ("MessageRetentionPeriod", "100"),
        ("ReceiveMessageWaitTimeSeconds", "20"),
        ("RedrivePolicy", policy),
        ("ApproximateNumberOfMessages", "7"),
    ];
    pairs
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into()
}

#[test]
fn a_queue_as_declared_does_not_differ_however_its_count_is_written() {
    for count in ["5", "\"5\""] {
        let policy = format!(r#"{{"deadLetterTargetArn":"arn:dead","maxReceiveCount":{count}}}"#);
        assert_eq!(
            of_queue(&queue(), Some("arn:dead"), &attributes("270", &policy)),
            Vec::<String>::new()
        );
    }
}

#[test]
fn a_queue_without_its_dead_queue_or_with_another_timeout_differs() {
    assert_eq!(
        of_queue(&queue(), Some("arn:dead"), &attributes("30", "")),
        [
            "VisibilityTimeout is `30`, declared `270`",
            "its dead queue is `none`, declared `arn:dead`",
            "its maxReceiveCount is ``, declared `5`",
        ]
    );
}
