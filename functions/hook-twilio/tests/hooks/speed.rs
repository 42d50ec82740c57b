//! How long the answer's webhook takes, signature and TwiML included, over the store in memory.

use std::time::{Duration, Instant};

use crate::world::World;

/// Of a webhook's work, on a machine that does nothing else.
const MOST: Duration = Duration::from_millis(100);
const TIMES: usize = 50;

#[tokio::test]
async fn a_caller_is_given_a_room_and_somebody_well_within_a_tenth_of_a_second() {
    let mut took = Vec::new();
    for _ in 0..TIMES {
        let world = World::ringing(&["a", "b", "c"]).await;
        let url = world.url("answer");
        let begun = Instant::now();
        let (_, twiml) = world.post(&url, &[]).await;
        took.push(begun.elapsed());
        assert!(twiml.contains("<Conference"), "{twiml}");
    }
    took.sort();
    let (median, most) = (took[TIMES / 2], took[TIMES - 1]);
    eprintln!("the answer's webhook: median {median:?}, most {most:?} of {TIMES}");
    // The median: other tests run beside this one.
    assert!(median < MOST, "median {median:?}, most {most:?}");
}
