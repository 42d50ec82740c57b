//! Transcribing again: a job with a status, done by job-post-call.

use std::sync::Arc;

use chrono::Duration;
use serde_json::{Value, json};
use trunkline_domain::{Call, CallStatus};
use trunkline_providers::{
    ProviderError,
    builtin::vad::Energy,
    stt::{SpeechToText, SttEvent, SttInput, SttOptions, SttStream},
    stub::{HEARD, StubStt},
};
use trunkline_service::recordings::Recogniser;
use trunkline_testing::Queue;

use crate::{Whole, whole};

fn recogniser(stt: impl SpeechToText + 'static) -> Recogniser {
    Recogniser {
        stt: Arc::new(stt),
        vad: Arc::new(Energy),
    }
}

/// Lets job-post-call do what stands on its queue; answers how many messages there were.
async fn work(whole: &Whole, recogniser: Option<&Recogniser>) -> usize {
    let batch = whole.aws.take(Queue::PostCall).await;
    let messages = batch.len();
    let failed = job_post_call::handle(&whole.platform.ctx, recogniser, batch).await;
    assert!(failed.is_empty(), "{failed:?}");
    messages
}

async fn asked(whole: &Whole, call: &Call) -> Value {
    let answer = whole
        .ada
        .post(&format!("/call-recordings/{}/transcribe", call.id), json!({}))
        .await;
    assert_eq!(answer.status, 202, "{answer:?}");
    assert_eq!(answer.body["call_id"], json!(call.id));
    answer.body["data"].clone()
}

async fn transcript(whole: &Whole, call: &Call) -> Value {
    whole
        .ada
        .get(&format!("/call-recordings/{}/transcript", call.id))
        .await
        .body["data"]
        .clone()
}

#[tokio::test]
async fn the_persons_words_are_recognised_from_the_recording_and_the_agents_stay() {
    let whole = whole().await;
    let (call, _) = whole.recorded().await;
    assert_eq!(asked(&whole, &call).await["status"], "queued");
    let waiting = transcript(&whole, &call).await;
    assert_eq!(
        (&waiting["status"], &waiting["transcription"]["status"]),
        (&json!("queued"), &json!("queued"))
    );
    assert!(
        waiting["transcript"].as_str().unwrap().contains("billing issue"),
        "the old words are still there"
    );
    assert_eq!(work(&whole, Some(&recogniser(StubStt))).await, 1);
    let done = transcript(&whole, &call).await;
    assert_eq!(done["status"], "completed");
    assert_eq!(
        done["transcription"],
        json!({
            "status": "completed", "source": "recording", "reason": null,
            "requested_at": "2026-01-05T10:00:00Z", "finished_at": "2026-01-05T10:00:00Z"
        })
    );
    assert_eq!(
        done["transcript"],
        format!("Agent: Hello, this is Joe. User: {HEARD} User: {HEARD}"),
        "two utterances"
    );
    let second = &done["segments"][2];
    assert!(
        (3.5..=4.1).contains(&second["start"].as_f64().unwrap()),
        "{second}"
    );
    assert_eq!(second["confidence"], 1.0);
    let log = whole.ada.get(&format!("/call-logs/{}", call.id)).await;
    assert_eq!(
        log.body["transcript"], done["transcript"],
        "the call's text follows"
    );
}

#[tokio::test]
async fn asking_again_while_it_is_under_way_makes_no_second_job() {
    let whole = whole().await;
    let (call, _) = whole.recorded().await;
    asked(&whole, &call).await;
    assert_eq!(asked(&whole, &call).await["status"], "queued");
    assert_eq!(
        whole.aws.take(Queue::PostCall).await.len(),
        2,
        "its message might have been lost"
    );
    // Both were lost after all: an hour later it may be asked for anew.
    whole.platform.world.clock.turn(Duration::hours(1));
    asked(&whole, &call).await;
    let batch = whole.aws.take(Queue::PostCall).await;
    let twice: Vec<_> = batch.iter().chain(&batch).cloned().collect();
    let failed = job_post_call::handle(&whole.platform.ctx, Some(&recogniser(StubStt)), twice).await;
    assert!(failed.is_empty());
    let done = transcript(&whole, &call).await;
    assert_eq!(done["transcription"]["requested_at"], "2026-01-05T11:00:00Z");
    assert_eq!(done["status"], "completed");
    asked(&whole, &call).await;
    assert_eq!(
        transcript(&whole, &call).await["status"],
        "queued",
        "and once more when it is done"
    );
}

#[tokio::test]
async fn without_a_recogniser_the_words_of_the_call_stay_and_it_says_so() {
    let whole = whole().await;
    let (call, _) = whole.recorded().await;
    asked(&whole, &call).await;
    work(&whole, None).await;
    let done = transcript(&whole, &call).await;
    assert_eq!(
        (&done["status"], &done["transcription"]["source"]),
        (&json!("completed"), &json!("live"))
    );
    assert!(
        done["transcription"]["reason"]
            .as_str()
            .unwrap()
            .contains("no recogniser")
    );
    assert!(done["transcript"].as_str().unwrap().contains("billing issue"));
}

/// Loads for ever, breaks, or hears nothing.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Bad {
    Loading,
    Broken,
    Deaf,
}

#[async_trait::async_trait]
impl SpeechToText for Bad {
    fn name(&self) -> &'static str {
        "bad"
    }

    async fn open(&self, _: &SttOptions) -> Result<SttStream, ProviderError> {
        if *self == Self::Loading {
            return Err(ProviderError::Unavailable {
                provider: "bad",
                reason: "its models are still being loaded".to_owned(),
            });
        }
        let (input, mut messages) = tokio::sync::mpsc::channel(8);
        let (sender, events) = tokio::sync::mpsc::channel(8);
        let broken = *self == Self::Broken;
        tokio::spawn(async move {
            while let Some(message) = messages.recv().await {
                let SttInput::EndOfTurn { turn } = message else {
                    continue;
                };
                let event = if broken {
                    SttEvent::Failed(ProviderError::Failed {
                        provider: "bad",
                        reason: "it broke".to_owned(),
                    })
                } else {
                    SttEvent::Final {
                        turn,
                        text: " ".to_owned(),
                        confidence: None,
                    }
                };
                if sender.send(event).await.is_err() {
                    return;
                }
            }
        });
        Ok(SttStream { input, events })
    }
}

#[tokio::test]
async fn a_recogniser_that_breaks_fails_the_job_and_the_words_stay() {
    let whole = whole().await;
    let (call, _) = whole.recorded().await;
    asked(&whole, &call).await;
    work(&whole, Some(&recogniser(Bad::Broken))).await;
    let done = transcript(&whole, &call).await;
    assert_eq!(
        (&done["status"], &done["transcription"]["status"]),
        (&json!("completed"), &json!("failed"))
    );
    assert_eq!(done["transcription"]["reason"], "bad failed: it broke");
    assert!(done["transcript"].as_str().unwrap().contains("billing issue"));
    asked(&whole, &call).await;
    work(&whole, Some(&recogniser(Bad::Deaf))).await;
    let done = transcript(&whole, &call).await;
    assert_eq!(done["transcription"]["source"], "live");
    assert!(
        done["transcript"].as_str().unwrap().contains("billing issue"),
        "silence takes no words away"
    );
}

#[tokio::test]
async fn a_recogniser_that_is_not_ready_is_asked_again_and_given_up_after_some_tries() {
    let whole = whole().await;
    let (call, _) = whole.recorded().await;
    asked(&whole, &call).await;
    let message = whole.aws.take(Queue::PostCall).await.remove(0);
    let loading = recogniser(Bad::Loading);
    for _ in 0..5 {
        let failed = job_post_call::handle(&whole.platform.ctx, Some(&loading), vec![message.clone()]).await;
        assert!(failed.is_empty());
        let waiting = transcript(&whole, &call).await;
        assert_eq!(waiting["transcription"]["status"], "queued");
        assert!(
            waiting["transcription"]["reason"]
                .as_str()
                .unwrap()
                .contains("being loaded")
        );
    }
    job_post_call::handle(&whole.platform.ctx, Some(&loading), vec![message.clone()]).await;
    let given_up = transcript(&whole, &call).await;
    assert_eq!(given_up["transcription"]["status"], "failed");
    // A late message of a job that is over does nothing.
    job_post_call::handle(&whole.platform.ctx, Some(&recogniser(StubStt)), vec![message]).await;
    assert_eq!(transcript(&whole, &call).await, given_up);
}

#[tokio::test]
async fn what_has_no_recording_or_is_not_over_is_refused() {
    let whole = whole().await;
    let bare = trunkline_testing::call(&whole.ada, &whole.platform.ctx, whole.platform.ctx.now());
    whole.platform.put_call(&bare).await;
    let refused = whole
        .ada
        .post(&format!("/call-recordings/{}/transcribe", bare.id), json!({}))
        .await;
    assert_eq!((refused.status, refused.code()), (404, "RECORDING_001"));
    let (mut talking, _) = whole.recorded().await;
    talking.id = trunkline_domain::CallId(whole.platform.ctx.ids.uuid());
    talking.status = CallStatus::Talking;
    talking.ended_at = None;
    whole.platform.put_call(&talking).await;
    let refused = whole
        .ada
        .post(&format!("/call-recordings/{}/transcribe", talking.id), json!({}))
        .await;
    assert_eq!((refused.status, refused.code()), (409, "RECORDING_002"));
    let refused = whole
        .ada
        .delete(&format!("/call-recordings/{}", talking.id))
        .await;
    assert_eq!((refused.status, refused.code()), (409, "RECORDING_002"));
}

#[tokio::test]
async fn a_call_that_is_deleted_meanwhile_gets_nothing() {
    let whole = whole().await;
    let (call, _) = whole.recorded().await;
    asked(&whole, &call).await;
    assert_eq!(
        whole.ada.delete(&format!("/call-logs/{}", call.id)).await.status,
        204
    );
    assert_eq!(work(&whole, Some(&recogniser(StubStt))).await, 1);
    assert!(
        whole
            .platform
            .ctx
            .store
            .transcript_lines(call.id)
            .await
            .unwrap()
            .is_empty()
    );
    assert_eq!(
        whole.platform.ctx.store.transcription(call.id).await.unwrap(),
        None
    );
}
