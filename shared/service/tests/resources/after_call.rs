//! What comes after a call: recording, analysis, price; late pieces, repetitions, deletion.

use futures::TryStreamExt;
use trunkline_domain::{
    Call, CallStatus, Error, Outcome, counters,
    error::Kind,
    recording::{prefix, segment_key},
    transcript::{Speaker, TranscriptLine},
};
use trunkline_service::{calls, post_call, recordings};
use trunkline_store::{Period, Scope};

use crate::{
    ended::ended,
    world::{World, user},
};

const SEGMENT: usize = 80_000;

async fn put_segment(world: &World, call: &Call, number: u32, bytes: Vec<u8>) {
    let key = segment_key(call.tenant, call.id, 0, number);
    world.ctx.blobs.put(&key, bytes, "audio/basic").await.unwrap();
}

pub(crate) async fn say(world: &World, call: &Call, start_ms: u64, speaker: Speaker, text: &str) {
    let line = TranscriptLine {
        generation: 0,
        start_ms,
        end_ms: start_ms + 900,
        speaker,
        text: text.to_owned(),
        confidence: None,
        at: call.created_at + chrono::Duration::milliseconds(i64::try_from(start_ms).unwrap()),
    };
    world.ctx.store.put_line(call.id, &line).await.unwrap();
}

pub(crate) async fn reread(world: &World, call: &Call) -> Call {
    world.ctx.store.call(call.tenant, call.id).await.unwrap().unwrap()
}

async fn sum(world: &World, name: &str) -> i64 {
    world
        .ctx
        .store
        .sums(user().tenant, Scope::Tenant, Period::default())
        .await
        .unwrap()
        .get(name)
}

async fn wav(world: &World, call: &Call, range: Option<(u64, u64)>) -> Vec<u8> {
    let found = recordings::get(&world.ctx, &user(), call.id).await.unwrap();
    let stream = recordings::open(&world.ctx, &found.recording, range)
        .await
        .unwrap();
    let parts: Vec<bytes::Bytes> = stream.try_collect().await.unwrap();
    parts.concat()
}

#[tokio::test]
async fn an_ended_call_is_joined_analysed_and_priced_once_however_often_it_is_asked_for() {
    let world = World::new().await;
    let call = ended(&world).await;
    // The caller's loudest sample left, the agent's silence right.
    put_segment(&world, &call, 0, [0x80, 0xff].repeat(SEGMENT / 2)).await;
    put_segment(&world, &call, 1, [0x80, 0xff].repeat(4_000)).await;
    say(
        &world,
        &call,
        0,
        Speaker::Agent,
        "Hello, I am calling about your order.",
    )
    .await;
    say(
        &world,
        &call,
        2_000,
        Speaker::User,
        "That is great, thank you so much, I love it.",
    )
    .await;

    post_call::finish(&world.ctx, call.tenant, call.id).await.unwrap();
    let done = reread(&world, &call).await;
    let recording = done.recording.clone().unwrap();
    assert_eq!((recording.duration_s, recording.size_bytes), (6, 44 + 44_000 * 4));
    let analysis = done.analysis.clone().unwrap();
    assert_eq!(analysis.sentiment, "positive");
    assert!(!analysis.summary.is_empty());
    assert_eq!(done.cost.micros(), 28_000, "70 s are two minutes");
    assert_eq!(done.version, 5, "recorded, readable and analysed in one write");
    assert_eq!(
        (
            sum(&world, counters::CALLS).await,
            sum(&world, counters::COST_MICROS).await
        ),
        (1, 28_000)
    );
    assert_eq!(
        (
            sum(&world, counters::RECORDINGS).await,
            sum(&world, "s_positive").await
        ),
        (1, 1)
    );

    let mut read = hound::WavReader::new(std::io::Cursor::new(wav(&world, &call, None).await)).unwrap();
    assert_eq!(
        (read.duration(), read.spec().channels, read.spec().sample_rate),
        (44_000, 2, 8_000)
    );
    let samples: Vec<i16> = read.samples().map(Result::unwrap).collect();
    assert!(samples.chunks(2).all(|pair| pair == [32_124, 0]));
    assert_eq!(wav(&world, &call, Some((44, 47))).await, [0x7c, 0x7d, 0, 0]);

    let view = calls::view(&world.ctx, &user(), call.id).await.unwrap();
    assert!(
        view.text
            .unwrap()
            .starts_with("Agent: Hello, I am calling about your order. User: That is great")
    );
    let base = format!("{}/call-recordings/", world.ctx.settings.public_url);
    assert!(view.recording_url.unwrap().starts_with(&base));

    for _ in 0..3 {
        post_call::finish(&world.ctx, call.tenant, call.id).await.unwrap();
    }
    assert_eq!(reread(&world, &call).await, done, "nothing new, nothing written");
    assert_eq!(
        world.post_calls().await,
        4,
        "each look so soon after the end asks for another"
    );
}

#[tokio::test]
async fn what_comes_late_is_joined_too_and_then_the_pieces_go() {
    let world = World::new().await;
    let call = ended(&world).await;
    put_segment(&world, &call, 0, vec![0xff; SEGMENT]).await;
    post_call::finish(&world.ctx, call.tenant, call.id).await.unwrap();
    assert_eq!(reread(&world, &call).await.recording.unwrap().duration_s, 5);
    put_segment(&world, &call, 2, vec![0xff; SEGMENT]).await;
    say(&world, &call, 0, Speaker::User, "Hello?").await;
    world.forward(40);
    let before = world.post_calls().await;
    post_call::finish(&world.ctx, call.tenant, call.id).await.unwrap();
    assert_eq!(world.post_calls().await, before, "nothing comes any more");
    let done = reread(&world, &call).await;
    assert_eq!(
        done.recording.clone().unwrap().duration_s,
        15,
        "the missing one is silence"
    );
    assert!(done.analysis.is_some());
    let left = world.ctx.blobs.list(&prefix(call.tenant, call.id)).await.unwrap();
    assert_eq!(left.len(), 1, "only the WAV: {left:?}");
    post_call::finish(&world.ctx, call.tenant, call.id).await.unwrap();
    assert_eq!(
        reread(&world, &call).await,
        done,
        "without its pieces the recording stays"
    );
    assert_eq!(sum(&world, counters::RECORDINGS).await, 1);
}

#[tokio::test]
async fn a_long_recording_is_written_in_parts() {
    let world = World::new().await;
    let call = ended(&world).await;
    for number in 0..140 {
        put_segment(&world, &call, number, vec![0xff; SEGMENT]).await;
    }
    post_call::finish(&world.ctx, call.tenant, call.id).await.unwrap();
    let recording = reread(&world, &call).await.recording.unwrap();
    assert_eq!(
        (recording.duration_s, recording.size_bytes),
        (700, 44 + 140 * 160_000)
    );
    let file = wav(&world, &call, None).await;
    assert_eq!(u64::try_from(file.len()).unwrap(), recording.size_bytes);
    assert_eq!(
        hound::WavReader::new(std::io::Cursor::new(file))
            .unwrap()
            .duration(),
        140 * 40_000
    );
}

#[tokio::test]
async fn a_call_that_nobody_answered_costs_nothing_and_is_not_written_again() {
    let world = World::new().await;
    let mut call = ended(&world).await;
    let missed = Call {
        status: CallStatus::Ended(Outcome::NoAnswer),
        answered_at: None,
        duration_s: 0,
        gen_next: 0,
        version: 3,
        ..call.clone()
    };
    world.ctx.store.correct_call(&call, &missed, None).await.unwrap();
    call = missed;
    post_call::finish(&world.ctx, call.tenant, call.id).await.unwrap();
    assert_eq!(reread(&world, &call).await, call);
    assert_eq!(world.post_calls().await, 0, "there is nothing to wait for");
}

#[tokio::test]
async fn a_deleted_call_leaves_nothing_even_when_it_is_worked_up_afterwards() {
    let world = World::new().await;
    let call = ended(&world).await;
    put_segment(&world, &call, 0, vec![0xff; SEGMENT]).await;
    post_call::finish(&world.ctx, call.tenant, call.id).await.unwrap();
    calls::delete(&world.ctx, &user(), call.id).await.unwrap();
    put_segment(&world, &call, 1, vec![0xff; SEGMENT]).await;
    post_call::finish(&world.ctx, call.tenant, call.id).await.unwrap();
    assert!(
        world
            .ctx
            .blobs
            .list(&prefix(call.tenant, call.id))
            .await
            .unwrap()
            .is_empty()
    );
    assert_eq!(
        (
            sum(&world, counters::CALLS).await,
            sum(&world, counters::RECORDINGS).await
        ),
        (0, 0)
    );
    let gone = recordings::get(&world.ctx, &user(), call.id).await;
    assert!(matches!(gone, Err(Error::NotFound(Kind::Recording))));
}

#[tokio::test]
async fn a_deleted_recording_does_not_come_back_and_what_was_said_stays() {
    let world = World::new().await;
    let call = ended(&world).await;
    put_segment(&world, &call, 0, vec![0xff; SEGMENT]).await;
    say(&world, &call, 0, Speaker::User, "Hello?").await;
    post_call::finish(&world.ctx, call.tenant, call.id).await.unwrap();
    recordings::delete(&world.ctx, &user(), call.id).await.unwrap();
    put_segment(&world, &call, 1, vec![0xff; SEGMENT]).await;
    world.forward(40);
    post_call::finish(&world.ctx, call.tenant, call.id).await.unwrap();
    assert_eq!(reread(&world, &call).await.recording, None);
    assert!(
        world
            .ctx
            .blobs
            .list(&prefix(call.tenant, call.id))
            .await
            .unwrap()
            .is_empty()
    );
    assert_eq!(sum(&world, counters::RECORDINGS).await, 0);
    let said = recordings::transcript(&world.ctx, &user(), call.id)
        .await
        .unwrap();
    assert_eq!(said.text(), "User: Hello?");
}

#[tokio::test]
async fn notes_are_replaced_beside_whatever_else_is_written() {
    let world = World::new().await;
    let call = ended(&world).await;
    let any = |_: u64| Ok::<(), Error>(());
    let who = user();
    let (noted, finished) = tokio::join!(
        calls::set_notes(&world.ctx, &who, call.id, Some("Call back on Monday"), any),
        post_call::finish(&world.ctx, call.tenant, call.id),
    );
    noted.unwrap();
    finished.unwrap();
    let now = reread(&world, &call).await;
    assert_eq!(
        (now.notes.as_deref(), now.cost.micros()),
        (Some("Call back on Monday"), 28_000)
    );
    let cleared = calls::set_notes(&world.ctx, &user(), call.id, Some("  "), any)
        .await
        .unwrap();
    assert_eq!(cleared.call.notes, None);
    let long = "x".repeat(10_001);
    let long = calls::set_notes(&world.ctx, &user(), call.id, Some(&long), any).await;
    assert!(matches!(long, Err(Error::Invalid(_))));
}
