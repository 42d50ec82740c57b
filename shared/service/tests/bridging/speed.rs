//! What the answer's webhook does before it answers.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use trunkline_aws_local::dynamo_memory::Fault;
use trunkline_domain::Outcome;
use trunkline_service::{Ctx, dialing::hooks::Answer};

use crate::world::{World, run};

/// Each request to the store is a few milliseconds on AWS: so many are well below a tenth of a second.
const REQUESTS_MOST: usize = 16;

#[test]
fn somebody_is_given_the_call_before_the_answer_and_with_few_requests() {
    run(async {
        let world = World::new(&["a"], |_| {}).await;
        world.dialled().await;
        let asked = Arc::new(AtomicUsize::new(0));
        let counted = asked.clone();
        let store = world.watched(Box::new(move |_, _| {
            counted.fetch_add(1, Ordering::Relaxed);
            Fault::None
        }));
        let ctx = Ctx {
            store,
            ..world.ctx.clone()
        };
        let answer = world.answered(&ctx).await;
        assert!(matches!(answer, Some(Answer::Room { .. })), "{answer:?}");
        assert_eq!(world.operator("a").await.calls, [world.call]);
        let asked = asked.load(Ordering::Relaxed);
        assert!(asked <= REQUESTS_MOST, "{asked} requests");
        assert_eq!(
            world.carrier.rung().len(),
            0,
            "the carrier is asked by the queue's function"
        );
        world.ends().await;
        assert_eq!(world.row().await.status.outcome(), Some(Outcome::Answered));
    });
}
