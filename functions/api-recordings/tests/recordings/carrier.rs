//! Recordings that the carrier made of calls with human agents: fetched, shown as ours, and deleted there.

use std::sync::{Arc, Mutex};

use futures::StreamExt;
use serde_json::json;
use trunkline_domain::{
    Call, CallerId, E164, Instant,
    id::{GroupId, derived},
};
use trunkline_queue::PostCallJob;
use trunkline_service::{Ctx, recordings};
use trunkline_telephony::{Carrier, CarrierCall, CarrierError, DialError, DialOrder, Sound};
use trunkline_testing::{Aws, Platform, Queue, call};

use crate::{Whole, wav};

/// A carrier with one recording; what it is asked for is a story.
#[derive(Debug, Default)]
struct Tape {
    sound: Mutex<Option<Vec<u8>>>,
    story: Mutex<Vec<String>>,
}

fn out_of_order<T>() -> Result<T, CarrierError> {
    Err(CarrierError::Unreachable("out of order".to_owned()))
}

#[async_trait::async_trait]
impl Carrier for Tape {
    fn account(&self) -> &str {
        "AC1"
    }
    async fn dial(&self, _: &DialOrder) -> Result<String, DialError> {
        Err(DialError::SlowDown { retry_after_s: None })
    }
    async fn fetch(&self, _: &str) -> Result<Option<CarrierCall>, CarrierError> {
        out_of_order()
    }
    async fn list(&self, _: &E164, _: &CallerId, _: Instant) -> Result<Vec<CarrierCall>, CarrierError> {
        out_of_order()
    }
    async fn cancel(&self, _: &str) -> Result<(), CarrierError> {
        out_of_order()
    }
    async fn hang_up(&self, _: &str) -> Result<(), CarrierError> {
        out_of_order()
    }
    async fn redirect(&self, _: &str, _: &str) -> Result<(), CarrierError> {
        out_of_order()
    }
    async fn ping(&self) -> Result<(), CarrierError> {
        out_of_order()
    }
    async fn recording(&self, sid: &str) -> Result<Option<Sound>, CarrierError> {
        self.story.lock().unwrap().push(format!("fetch {sid}"));
        let sound = self.sound.lock().unwrap().clone();
        Ok(sound.map(|sound| {
            let pieces: Vec<_> = sound
                .chunks(1_000)
                .map(|piece| Ok(bytes::Bytes::copy_from_slice(piece)))
                .collect();
            futures::stream::iter(pieces).boxed()
        }))
    }
    async fn delete_recording(&self, sid: &str) -> Result<(), CarrierError> {
        self.story.lock().unwrap().push(format!("delete {sid}"));
        Ok(())
    }
}

struct Place {
    whole: Whole,
    tape: Arc<Tape>,
}

impl Place {
    async fn new(sound: Option<Vec<u8>>) -> Self {
        let tape = Arc::new(Tape {
            sound: Mutex::new(sound),
            story: Mutex::default(),
        });
        let aws = Aws::start().await;
        let router = api_recordings::router().merge(api_calls::router());
        let platform = Platform::with(router, |ctx| {
            aws.wire(ctx);
            ctx.carrier = tape.clone();
        })
        .await;
        let ada = platform.manager("ada").await;
        Self {
            whole: Whole { platform, aws, ada },
            tape,
        }
    }

    fn ctx(&self) -> &Ctx {
        &self.whole.platform.ctx
    }

    /// An ended call that a human agent took.
    async fn taken(&self, record: bool) -> Call {
        let ctx = self.ctx();
        let mut call = call(&self.whole.ada, ctx, ctx.now());
        call.dialled_for = Some(GroupId(derived("sales")));
        call.record = record;
        self.whole.platform.put_call(&call).await;
        call
    }

    /// The carrier tells of the recording; does what follows, as often as it is left to do.
    async fn told(&self, call: &Call) -> Vec<bool> {
        recordings::made(self.ctx(), call.id, "RE1", Some(6))
            .await
            .unwrap();
        let mut done = Vec::new();
        for item in self.whole.aws.take(Queue::PostCall).await {
            let job: PostCallJob = item.read().unwrap();
            assert!(matches!(job, PostCallJob::Recording { .. }), "{job:?}");
            done.push(
                job_post_call::handle(self.ctx(), None, vec![item])
                    .await
                    .is_empty(),
            );
        }
        done
    }

    fn story(&self) -> Vec<String> {
        std::mem::take(&mut *self.tape.story.lock().unwrap())
    }
}

#[tokio::test]
async fn the_carriers_recording_becomes_ours_and_is_deleted_there() {
    let place = Place::new(Some(wav())).await;
    let call = place.taken(true).await;
    assert_eq!(place.told(&call).await, [true]);
    assert_eq!(place.story(), ["fetch RE1", "delete RE1"]);
    let ada = &place.whole.ada;
    let shown = ada.get(&format!("/api/calls/{}", call.id)).await.body["call"].clone();
    assert_eq!(shown["recording_sid"], json!(call.id));
    assert_eq!(shown["recording_duration"], json!(6));
    let link = shown["recording_url"].as_str().unwrap();
    let path = link.strip_prefix("http://127.0.0.1:8000").unwrap();
    let file = place.whole.platform.nobody(ada).get(path).await;
    assert_eq!((file.status, file.header("content-type")), (200, "audio/wav"));
    assert!(file.bytes == wav());
    // Told again, nothing is fetched again.
    assert_eq!(place.told(&call).await, [true]);
    assert_eq!(place.story(), ["delete RE1"]);
    // And working the call up leaves it what it has.
    let finished = trunkline_service::post_call::finish(place.ctx(), call.tenant, call.id).await;
    finished.unwrap();
    assert_eq!(ada.get(path).await.status, 200);
}

#[tokio::test]
async fn what_the_carrier_does_not_have_or_what_is_no_sound_is_tried_again() {
    for sound in [None, Some(b"<html>".to_vec()), Some(Vec::new())] {
        let place = Place::new(sound).await;
        let call = place.taken(true).await;
        assert_eq!(place.told(&call).await, [false], "the message comes again");
        assert_eq!(place.story(), ["fetch RE1"], "it is left there");
        let shown = place.whole.ada.get(&format!("/api/calls/{}", call.id)).await;
        assert_eq!(shown.body["call"]["recording_url"], json!(null));
        *place.tape.sound.lock().unwrap() = Some(wav());
        assert_eq!(place.told(&call).await, [true]);
    }
}

#[tokio::test]
async fn a_recording_that_is_not_wanted_is_not_kept() {
    let place = Place::new(Some(wav())).await;
    // Nobody asked for it: the media server's is the one.
    let call = place.taken(false).await;
    assert_eq!(place.told(&call).await, Vec::<bool>::new());
    // The recording was deleted before the carrier's came.
    let call = place.taken(true).await;
    recordings::made(place.ctx(), call.id, "RE1", None).await.unwrap();
    let without = Call {
        record: false,
        version: call.version + 1,
        ..call.clone()
    };
    let ctx = place.ctx();
    ctx.store.correct_call(&call, &without, None).await.unwrap();
    let items = place.whole.aws.take(Queue::PostCall).await;
    assert!(job_post_call::handle(ctx, None, items).await.is_empty());
    assert_eq!(place.story(), ["delete RE1"]);
    assert!(place.whole.aws.keys("rec/").await.is_empty());
}
