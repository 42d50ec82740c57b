//! A load generator: many phones at once, each in real time.
//!
//! It starts `media-open` (built beside it) pinned to core 0, opens N streams
//! with 20 ms pacing, talks, listens, interrupts, and prints what it measured.
//! Run it on another core, in the release profile:
//!
//! ```text
//! cargo build --release -p trunkline-media --examples
//! taskset -c 1 target/release/examples/media-load 200 60
//! ```
#![allow(
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a tool that measures reads the clock and prints figures"
)]

mod figures;
mod phone;
mod server;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use figures::Figures;
use server::Server;

/// Streams are opened over this time, so that their frames do not come in step.
const RAMP: Duration = Duration::from_secs(5);

/// Between the phones' moments in each 20 ms.
const PHASE: Duration = Duration::from_millis(1);

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let streams: u32 = arguments.next().map_or(Ok(200), |number| number.parse())?;
    let seconds: u64 = arguments.next().map_or(Ok(60), |number| number.parse())?;
    let server = Server::start()?;
    let at_rest = server.resident_kb()?;
    let figures = Arc::new(Mutex::new(Figures::default()));
    let end = tokio::time::Instant::now() + RAMP + Duration::from_secs(seconds);
    let voice: Arc<[_]> = phone::sentence().into();
    let mut phones = tokio::task::JoinSet::new();
    for number in 0..streams {
        let (url, voice, figures) = (server.url(), Arc::clone(&voice), Arc::clone(&figures));
        // A step of 25 ms would put 200 streams on four moments of each 20 ms.
        let wait = RAMP * number / streams.max(1) + PHASE * (number * 13 % 20);
        phones.spawn(async move {
            tokio::time::sleep(wait).await;
            let measured = phone::call(&url, voice, number, end).await;
            figures
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .add(measured);
        });
    }
    tokio::time::sleep(RAMP + Duration::from_secs(1)).await;
    let (from, before) = (std::time::Instant::now(), server.cpu_ms()?);
    tokio::time::sleep_until(end - Duration::from_millis(500)).await;
    let busy = server.cpu_ms()? - before;
    let resident = server.resident_kb()?;
    let elapsed = u64::try_from(from.elapsed().as_millis())?;
    while phones.join_next().await.is_some() {}

    println!("streams                      {streams} for {seconds} s");
    println!(
        "server CPU                   {} % of one core",
        busy * 100 / elapsed.max(1)
    );
    println!("server resident              {at_rest} kB at rest, {resident} kB under load");
    println!(
        "memory a stream              {} kB",
        resident.saturating_sub(at_rest) / u64::from(streams.max(1))
    );
    figures.lock().unwrap_or_else(PoisonError::into_inner).print();
    Ok(())
}
