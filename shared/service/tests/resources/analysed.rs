//! A call's analysis by a language model: asked once for the same words, and again when there are more.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use serde_json::json;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};
use trunkline_domain::transcript::Speaker;
use trunkline_providers::cloud::{Account, Vendor};
use trunkline_service::{Settings, parts::Vendors, post_call};

use crate::{
    after_call::{reread, say},
    ended::ended,
    world::World,
};

/// A stand-in for OpenAI: its address, and how often it was asked. After the first answers it breaks off.
async fn model(answers: usize) -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base_url = format!("http://{}/v1", listener.local_addr().unwrap());
    let asked = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&asked);
    tokio::spawn(async move {
        while let Ok((socket, _)) = listener.accept().await {
            let n = count.fetch_add(1, Ordering::Relaxed);
            answer(socket, n < answers).await;
        }
    });
    (base_url, asked)
}

async fn answer(mut socket: TcpStream, whole: bool) {
    let mut request = Vec::new();
    while !request.ends_with(b"}") {
        let mut some = [0; 4_096];
        let read = socket.read(&mut some).await.unwrap();
        assert!(read > 0, "the request broke off");
        request.extend_from_slice(&some[..read]);
    }
    assert!(request.starts_with(b"POST /v1/chat/completions "));
    let analysis = json!({
        "summary": "They spoke.", "sentiment": "neutral", "sentiment_score": 0, "emotions": [], "key_phrases": []
    });
    let event = json!({"choices": [{"delta": {"content": analysis.to_string()}}]});
    let end = if whole { "data: [DONE]\n\n" } else { "" };
    let text = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\ndata: {event}\n\n{end}"
    );
    socket.write_all(text.as_bytes()).await.unwrap();
}

async fn world_with(base_url: &str) -> World {
    let mut world = World::new().await;
    let account = Account::new(Vendor::Openai, "sk-1");
    world.ctx.settings = Arc::new(Settings {
        vendors: Vendors::default().with(account).at(Vendor::Openai, base_url),
        ..Settings::clone(&world.ctx.settings)
    });
    world
}

#[tokio::test]
async fn a_model_is_asked_once_for_the_same_words_and_again_for_more() {
    let (base_url, asked) = model(usize::MAX).await;
    let world = world_with(&base_url).await;
    let ctx = &world.ctx;
    let call = ended(&world).await;
    say(&world, &call, 0, Speaker::Agent, "Hello.").await;
    post_call::finish(ctx, call.tenant, call.id).await.unwrap();
    let by = async || reread(&world, &call).await.analysis.unwrap().analysed_by;
    assert_eq!(by().await.as_deref(), Some("builtin"));
    assert_eq!(asked.load(Ordering::Relaxed), 0, "nobody said anything");

    say(&world, &call, 1_000, Speaker::User, "Hello, who is there?").await;
    for _ in 0..3 {
        post_call::finish(ctx, call.tenant, call.id).await.unwrap();
        assert_eq!(by().await.as_deref(), Some("openai/gpt-4.1-mini"));
        world.forward(20);
    }
    assert_eq!(asked.load(Ordering::Relaxed), 1);
    say(&world, &call, 2_000, Speaker::User, "Goodbye.").await;
    post_call::finish(ctx, call.tenant, call.id).await.unwrap();
    assert_eq!(asked.load(Ordering::Relaxed), 2);
}

#[tokio::test]
async fn a_model_that_broke_off_is_asked_once_more_at_the_next_work_up() {
    let (base_url, asked) = model(0).await;
    let world = world_with(&base_url).await;
    let ctx = &world.ctx;
    let call = ended(&world).await;
    say(&world, &call, 0, Speaker::User, "That is great, thank you.").await;
    for times in 1..=2 {
        post_call::finish(ctx, call.tenant, call.id).await.unwrap();
        let found = reread(&world, &call).await.analysis.unwrap();
        assert_eq!(
            (found.analysed_by.as_deref(), found.sentiment.as_str()),
            (Some("builtin"), "positive")
        );
        assert_eq!(asked.load(Ordering::Relaxed), times);
        world.forward(40);
    }
}
