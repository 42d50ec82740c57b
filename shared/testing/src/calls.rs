//! Calls as a dialer leaves them.

use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::json;
use trunkline_domain::{
    Call, CallStatus, Instant, Outcome,
    transcript::{Speaker, TranscriptLine},
};
use trunkline_service::Ctx;

use crate::{Client, Platform};

/// A call of a minute and a half that a person answered.
#[must_use]
pub fn call(client: &Client, ctx: &Ctx, created_at: Instant) -> Call {
    let status = serde_json::to_value(CallStatus::Ended(Outcome::Answered)).unwrap();
    serde_json::from_value(json!({
        "id": ctx.ids.uuid(),
        "tenant": client.who.tenant,
        "attempt": 0,
        "direction": "outbound",
        "to": "+14155550100",
        "from": "+14155550199",
        "status": status,
        "epoch": 1,
        "version": 1,
        "account": "AC1",
        "record": true,
        "time_limit_s": 600,
        "reserve": trunkline_domain::Usd::ZERO,
        "created_at": created_at,
        "placed_at": created_at,
        "answered_at": created_at,
        "ended_at": created_at + chrono::Duration::seconds(90),
        "duration_s": 90,
    }))
    .unwrap()
}

impl Platform {
    /// A call as it is, in every list, index and total that it belongs to.
    pub async fn put_call(&self, call: &Call) {
        let row = [
            ("PK", AttributeValue::S(format!("C#{}", call.id))),
            ("SK", AttributeValue::S("META".to_owned())),
            ("version", AttributeValue::N("0".to_owned())),
        ];
        let mut put = self.world.db().put_item().table_name("test-calls");
        for (name, value) in row {
            put = put.item(name, value);
        }
        put.send().await.unwrap();
        let before = Call {
            status: CallStatus::Claimed,
            version: 0,
            ..call.clone()
        };
        self.ctx.store.correct_call(&before, call, None).await.unwrap();
    }

    /// Two lines that were said on a call.
    pub async fn talk(&self, call: &Call) {
        for (start_ms, speaker, text) in [
            (0, Speaker::Agent, "Hello, this is Joe."),
            (2_000, Speaker::User, "I have a billing issue."),
        ] {
            let line = TranscriptLine {
                generation: 0,
                start_ms,
                end_ms: start_ms + 1_500,
                speaker,
                text: text.to_owned(),
                confidence: None,
                at: call.created_at + chrono::Duration::milliseconds(i64::try_from(start_ms).unwrap()),
            };
            self.ctx.store.put_line(call.id, &line).await.unwrap();
        }
    }
}
