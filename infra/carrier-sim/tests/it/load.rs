//! Many calls at once: the simulator must not be what a platform's figures measure.

use std::time::{Duration, Instant};

use crate::bench::Bench;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hundred_streams_at_once_stay_in_real_time() {
    let bench = Bench::with(|options| options.ring_ms = 0).await;
    let url = bench.platform.stream();
    bench
        .platform
        .answer("/answer", &format!("<Connect><Stream url=\"{url}\"/></Connect>"));
    for n in 0..100 {
        bench.call(&format!("+15550{n:03}95"), &[]).await;
    }
    let mut streams = tokio::task::JoinSet::new();
    for _ in 0..100 {
        let mut socket = bench.platform.socket().await;
        streams.spawn(async move {
            socket.begin().await;
            let began = Instant::now();
            for _ in 0..100 {
                socket.event("media").await;
            }
            began.elapsed()
        });
    }
    let took = streams.join_all().await;
    let slow = took.iter().filter(|took| **took > Duration::from_secs(4)).count();
    assert!(
        slow < 10,
        "{slow} of 100 streams took more than 4 s for 2 s of sound"
    );
}
