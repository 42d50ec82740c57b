//! Stream records as DynamoDB Streams spells them.

use dynoxide::actions::get_records::{GetRecordsResponse, Record};
use serde::Serialize;

/// `GetRecords`' answer. The engine spells the identity of a time-to-live removal as Lambda's events do, not as this API does, so that
/// an SDK would not see it.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Records {
    records: Vec<Spelled>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_shard_iterator: Option<String>,
}

#[derive(Serialize)]
struct Spelled {
    #[serde(flatten)]
    record: Record,
    #[serde(rename = "userIdentity", skip_serializing_if = "Option::is_none")]
    identity: Option<Identity>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Identity {
    r#type: String,
    principal_id: String,
}

impl From<GetRecordsResponse> for Records {
    fn from(answer: GetRecordsResponse) -> Self {
        let spelled = |mut record: Record| {
            let identity = record.user_identity.take().map(|user| Identity {
                r#type: user.identity_type,
                principal_id: user.principal_id,
            });
            Spelled { record, identity }
        };
        Self {
            records: answer.records.into_iter().map(spelled).collect(),
            next_shard_iterator: answer.next_shard_iterator,
        }
    }
}
