//! What the platforms of this process log, for a test to look a line up by an id that is its own.

use std::{
    io,
    sync::{LazyLock, Mutex, MutexGuard, Once, PoisonError},
    time::Duration,
};

use tracing_subscriber::{EnvFilter, fmt::MakeWriter};

/// Lines are kept from the first test on that listens, and no more than this.
const LINES_MAX: usize = 200_000;

static LINES: LazyLock<Mutex<Vec<String>>> = LazyLock::new(Mutex::default);
static LISTENING: Once = Once::new();

/// Keeps log lines from now on; only what comes later can be found.
pub(crate) fn listen() {
    LISTENING.call_once(|| {
        tracing_subscriber::fmt()
            .with_env_filter(EnvFilter::new("info"))
            .with_ansi(false)
            .with_writer(Ear)
            .init();
    });
}

/// A line that has all of these in it; a line may be written a moment after the answer that it is about.
pub(crate) async fn line_with(parts: &[&str]) -> String {
    for _ in 0..100 {
        if let Some(line) = lines()
            .iter()
            .find(|line| parts.iter().all(|part| line.contains(part)))
        {
            return line.clone();
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("no log line has all of {parts:?}");
}

fn lines() -> MutexGuard<'static, Vec<String>> {
    LINES.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Takes a line a write, as the formatter writes them.
struct Ear;

impl io::Write for Ear {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let mut lines = lines();
        if lines.len() < LINES_MAX {
            lines.push(String::from_utf8_lossy(line).into_owned());
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Ear {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        Self
    }
}
