//! The media server alone, in open mode with stub providers: what the load
//! generator pins to one core.
//!
//! `cargo run --release -p trunkline-media --example media-open -- 127.0.0.1:9100 1000`
#![allow(clippy::print_stdout, reason = "it tells who started it where it listens")]

use std::sync::Arc;

use tokio::net::TcpListener;
use trunkline_media::port::NoPlatform;
use trunkline_media::{CallPlan, MediaOptions, MediaServer, OpenMode, Parts};
use trunkline_providers::builtin::vad::Energy;
use trunkline_providers::stub::{StubLlm, StubStt, StubTts};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let address = arguments.next().unwrap_or_else(|| "127.0.0.1:0".to_owned());
    let max_conversations = arguments.next().map_or(Ok(2_000), |number| number.parse())?;
    let listener = TcpListener::bind(&address).await?;
    let address = listener.local_addr()?;
    let options = MediaOptions {
        max_conversations,
        max_pending: max_conversations,
        open: Some(OpenMode::on(address, CallPlan::stub())?),
        ..MediaOptions::default()
    };
    let parts = Parts::new(Arc::new(Energy))
        .with_stt("stub", Arc::new(StubStt))
        .with_llm("stub", Arc::new(StubLlm))
        .with_tts("stub", Arc::new(StubTts));
    let server = MediaServer::new(options, parts, Arc::new(NoPlatform));
    println!("{address}");
    axum::serve(listener, server.router()).await?;
    Ok(())
}
