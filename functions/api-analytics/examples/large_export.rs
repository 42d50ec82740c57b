//! Writes a large export once, and looks at the file: time, size, memory, and whether every call is in it.
//!
//! `cargo run -p api-analytics --example large_export -- [number of calls …]`, 100,000 unless given, at least 20,001. The database
//! is in memory, queue and bucket on disk; a million calls take about 4 GB.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::disallowed_methods,
    missing_docs,
    dead_code,
    reason = "a measuring tool: it prints, and may stop at the first surprise; the seed serves more than this"
)]

#[path = "read_counts/seed.rs"]
mod seed;

use std::{collections::HashSet, time::Instant};

use chrono_tz::Tz;
use futures::StreamExt;
use trunkline_queue::PostCallJob;
use trunkline_service::{
    analytics::Question,
    exports::{self, Export, ExportState, Exported},
};
use trunkline_testing::{Aws, Client, Platform, Queue};

#[tokio::main]
async fn main() {
    let given: Vec<u32> = std::env::args()
        .skip(1)
        .map(|text| text.parse().unwrap())
        .collect();
    for size in if given.is_empty() { vec![100_000] } else { given } {
        measure(size).await;
    }
}

async fn measure(size: u32) {
    let aws = Aws::start().await;
    let platform = Platform::with(api_analytics::router(), |ctx| aws.wire(ctx)).await;
    let client = platform.manager("ann").await;
    let began = Instant::now();
    seed::calls_in(&platform, &client, size, Some("tenant")).await;
    println!("{size} calls are there after {:.0?}", began.elapsed());

    // From here on the peak is the export's.
    std::fs::write("/proc/self/clear_refs", "5").unwrap();
    let (before_kb, began) = (memory_kb("VmRSS:"), Instant::now());
    let (export, messages) = write(&platform, &aws, &client).await;
    let (took, peak_kb) = (began.elapsed(), memory_kb("VmHWM:"));
    println!(
        "{} rows, {} bytes, {} parts, {messages} messages in {took:.0?}; memory {} MB before, at most {} MB more",
        export.rows,
        export.bytes,
        export.parts.len(),
        before_kb / 1_024,
        peak_kb.saturating_sub(before_kb) / 1_024,
    );
    check(&platform, &export, size).await;
}

/// Asks for it, and works off its messages, as job-post-call does.
async fn write(platform: &Platform, aws: &Aws, client: &Client) -> (Export, u32) {
    let asked = Question {
        campaign: None,
        voice_agent: None,
        from: None,
        until: None,
        days: Some(31),
        timezone: Tz::UTC,
    };
    let asked = exports::export(&platform.ctx, &client.who, &asked).await.unwrap();
    let Exported::Later(export) = asked else {
        panic!("give more than 20,000 calls: fewer are answered at once")
    };
    let mut messages = 0;
    loop {
        for job in aws.take(Queue::PostCall).await {
            let PostCallJob::Export { tenant, export } = job.read().unwrap() else {
                panic!("{job:?}")
            };
            exports::work(&platform.ctx, tenant, export).await.unwrap();
            messages += 1;
        }
        let now = exports::get(&platform.ctx, &client.who, export.id).await.unwrap();
        if now.state == ExportState::Ready {
            return (now, messages);
        }
    }
}

/// Whether the file is whole: its length, one header, every call once, oldest first.
async fn check(platform: &Platform, export: &Export, size: u32) {
    let mut lines = exports::open(&platform.ctx, export).await.unwrap();
    let (mut bytes, mut file) = (0_u64, Vec::new());
    while let Some(part) = lines.next().await {
        let part = part.unwrap();
        bytes += u64::try_from(part.len()).unwrap();
        file.extend_from_slice(&part);
    }
    let mut rows = csv::Reader::from_reader(&*file);
    assert_eq!(&rows.headers().unwrap()[0], "id");
    let (mut ids, mut last) = (HashSet::new(), String::new());
    for row in rows.records() {
        let row = row.unwrap();
        assert!(
            ids.insert(row[0].parse::<uuid::Uuid>().unwrap()),
            "twice: {row:?}"
        );
        assert!(row[1] >= *last, "out of order: {row:?}");
        row[1].clone_into(&mut last);
    }
    // The one under way is a call too.
    assert_eq!(ids.len(), usize::try_from(size).unwrap() + 1);
    assert_eq!((bytes, export.rows), (export.bytes, u64::from(size) + 1));
    println!(
        "the file is whole: one header, {} calls, each once, oldest first",
        ids.len()
    );
}

fn memory_kb(field: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix(field)).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}
