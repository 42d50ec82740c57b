//! Counts the DynamoDB requests of lists and analytics at several numbers of calls.
//!
//! `cargo run -p api-analytics --example read_counts -- [number of calls …]`, 1,000 and 100,000 unless given. The
//! database is in memory: a million calls take about 4 GB.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::disallowed_methods,
    missing_docs,
    reason = "a measuring tool: it prints, and may stop at the first surprise"
)]

#[path = "read_counts/lists.rs"]
mod lists;
#[path = "read_counts/questions.rs"]
mod questions;
#[path = "read_counts/seed.rs"]
mod seed;

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use trunkline_service::Ctx;
use trunkline_testing::{Fault, Platform};

/// Requests by operation.
pub type Counts = Arc<Mutex<BTreeMap<String, u32>>>;

#[tokio::main]
async fn main() {
    let given: Vec<u32> = std::env::args()
        .skip(1)
        .map(|text| text.parse().unwrap())
        .collect();
    let sizes = if given.is_empty() {
        vec![1_000, 100_000]
    } else {
        given
    };
    let mut table: BTreeMap<usize, (&'static str, Vec<String>)> = BTreeMap::new();
    for size in &sizes {
        let platform = Platform::new(api_analytics::router()).await;
        let client = platform.manager("ann").await;
        let began = std::time::Instant::now();
        seed::calls(&platform, &client, *size).await;
        println!("{size} calls are there after {:.0?}", began.elapsed());
        let counts = Counts::default();
        let ctx = counted(&platform, &counts);
        for (at, (question, answer)) in questions::all(&ctx, &client.who, &counts)
            .await
            .into_iter()
            .enumerate()
        {
            table.entry(at).or_insert((question, Vec::new())).1.push(answer);
        }
    }
    println!(
        "\n{:<58} {}",
        "requests for",
        sizes.iter().map(|n| format!("{n:>34}")).collect::<String>()
    );
    for (question, answers) in table.into_values() {
        println!(
            "{question:<58} {}",
            answers
                .iter()
                .map(|text| format!("{text:>34}"))
                .collect::<String>()
        );
    }
}

/// The platform's services, over a connection that counts.
fn counted(platform: &Platform, counts: &Counts) -> Ctx {
    let counts = Arc::clone(counts);
    let store = platform.world.store_watched(Box::new(move |operation, _| {
        *counts.lock().unwrap().entry(operation.to_owned()).or_default() += 1;
        Fault::None
    }));
    Ctx {
        store,
        ..platform.ctx.clone()
    }
}
