//! The server under test, as a process of its own on a core of its own.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

/// Ends with its owner.
pub(crate) struct Server {
    process: Child,
    address: String,
}

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

impl Server {
    /// Starts `media-open` from this program's own folder, pinned to core 0.
    pub(crate) fn start() -> Result<Self> {
        let program = std::env::current_exe()?.with_file_name("media-open");
        let mut process = Command::new("taskset")
            .args(["-c", "0"])
            .arg(program)
            .stdout(Stdio::piped())
            .spawn()?;
        let mut address = String::new();
        let output = process.stdout.take().ok_or("the server's output is closed")?;
        BufReader::new(output).read_line(&mut address)?;
        let address = address.trim().to_owned();
        if address.is_empty() {
            return Err("the server did not start: build the example media-open in the same profile".into());
        }
        Ok(Self { process, address })
    }

    pub(crate) fn url(&self) -> String {
        format!("ws://{}/media-stream", self.address)
    }

    /// Processor time so far, user and system.
    pub(crate) fn cpu_ms(&self) -> Result<u64> {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.process.id()))?;
        // After the command's name in brackets, utime and stime are fields 14 and 15 of proc(5).
        let fields: Vec<&str> = stat.rsplit(") ").next().unwrap_or("").split(' ').collect();
        let ticks = |at: usize| -> Result<u64> { Ok(fields.get(at).ok_or("a short stat")?.parse()?) };
        // 100 ticks a second on Linux.
        Ok((ticks(11)? + ticks(12)?) * 10)
    }

    /// Resident memory.
    pub(crate) fn resident_kb(&self) -> Result<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.process.id()))?;
        let line = status
            .lines()
            .find(|line| line.starts_with("VmRSS:"))
            .ok_or("no VmRSS")?;
        Ok(line.split_whitespace().nth(1).ok_or("no figure")?.parse()?)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself; then there is nothing to do.
        drop(self.process.kill());
        drop(self.process.wait());
    }
}
