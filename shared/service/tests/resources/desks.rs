//! What desks are told, by which way, and who is let stay.

use std::time::Duration as Wait;

use chrono::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::Instant;
use trunkline_domain::{OperatorId, id::derived, operator::OperatorStatus};
use trunkline_events::{Event, EventKind};
use trunkline_service::{
    Ctx, fanout, identity,
    realtime::{self, Desks, Message},
};
use trunkline_store::desks::DeskServer;
use trunkline_testing::HumanCampaign;

use crate::world::{World, user};

fn rung(ctx: &Ctx, call: &str, desk: &str, seq: u64) -> Event {
    let desk = OperatorId(derived(desk));
    Event::of_desk(
        EventKind::OperatorRung,
        user().tenant,
        derived(call),
        desk,
        seq,
        ctx.now(),
    )
}

#[tokio::test]
async fn telling_waits_a_quarter_of_a_second_for_who_does_not_answer_and_then_not_at_all_for_a_while() {
    let world = World::new().await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let ctx = Ctx {
        desks: Desks::at(&format!("http://{}", listener.local_addr().unwrap())),
        ..world.ctx.clone()
    };
    let event = rung(&ctx, "call", "ann", 1);
    let start = Instant::now();
    realtime::tell(&ctx, &event).await;
    let took = start.elapsed();
    assert!(
        (Wait::from_millis(240)..Wait::from_secs(2)).contains(&took),
        "{took:?}"
    );
    let start = Instant::now();
    realtime::tell(&ctx, &event).await;
    assert!(start.elapsed() < Wait::from_millis(100), "{:?}", start.elapsed());
    let (mut asked, _) = listener.accept().await.unwrap();
    let mut head = [0; 24];
    asked.read_exact(&mut head).await.unwrap();
    assert_eq!(&head, b"POST /internal/desk HTTP");
    // Later it is tried again.
    world.forward(2);
    realtime::tell(&ctx, &event).await;
    listener.accept().await.unwrap();
}

/// Reads one request, answers 204; its signature and its body.
async fn answer(listener: &TcpListener) -> (String, Vec<u8>) {
    let (mut socket, _): (TcpStream, _) = listener.accept().await.unwrap();
    let mut read = Vec::new();
    let (head, length) = loop {
        let mut part = [0; 4096];
        let n = socket.read(&mut part).await.unwrap();
        assert!(n > 0, "half a request");
        read.extend_from_slice(&part[..n]);
        let text = String::from_utf8_lossy(&read).into_owned();
        if let Some(end) = text.find("\r\n\r\n") {
            let value = |name: &str| {
                let line = text.lines().find(|line| line.to_lowercase().starts_with(name));
                line.unwrap().split_once(": ").unwrap().1.to_owned()
            };
            let length: usize = value("content-length:").parse().unwrap();
            if read.len() >= end + 4 + length {
                break ((value(realtime::SIGNATURE), end + 4), length);
            }
        }
    };
    socket
        .write_all(b"HTTP/1.1 204 No Content\r\n\r\n")
        .await
        .unwrap();
    (head.0, read[head.1..head.1 + length].to_vec())
}

#[tokio::test]
async fn one_that_is_there_is_told_though_another_is_gone_and_takes_it_only_as_it_was_signed() {
    let world = World::new().await;
    let ctx = Ctx {
        desks: Desks::registered(),
        ..world.ctx.clone()
    };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let gone = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let until = ctx.now() + Duration::seconds(10);
    for (instance, one) in [("there", &listener), ("gone", &gone)] {
        let server = DeskServer {
            instance: instance.to_owned(),
            url: format!("http://{}", one.local_addr().unwrap()),
        };
        ctx.store.publish_desk_server(&server, until).await.unwrap();
    }
    drop(gone);
    for seq in 1..=8 {
        let event = rung(&ctx, "call", "ann", seq);
        let ((signature, body), ()) = tokio::join!(answer(&listener), realtime::tell(&ctx, &event));
        let posted = realtime::accept(&ctx, &body, &signature).unwrap();
        assert_eq!((posted.event, posted.forwarded), (event, false));
        let mut other = body.clone();
        other[20] ^= 1;
        assert!(realtime::accept(&ctx, &other, &signature).is_err());
        assert!(realtime::accept(&ctx, &body, "").is_err());
    }
}

#[tokio::test]
async fn fan_out_feeds_desks_and_twice_is_as_once_to_who_reads() {
    let world = World::new().await;
    let event = rung(&world.ctx, "call", "ann", 1);
    fanout::follow(&world.ctx, &event).await.unwrap();
    world.forward(3);
    fanout::follow(&world.ctx, &event).await.unwrap();
    let missed = realtime::missed(&world.ctx, user().tenant, OperatorId(derived("ann")), event.at)
        .await
        .unwrap();
    let ids: Vec<_> = missed.events.iter().map(|event| event.id).collect();
    assert_eq!(ids, [event.id, event.id], "whoever is told drops one by its id");
}

#[tokio::test]
async fn a_desk_has_missed_its_own_calls_and_everybodys_status_and_is_told_the_latest() {
    let world = World::new().await;
    let ctx = &world.ctx;
    let start = ctx.now();
    let ann = OperatorId(derived("ann"));
    let status = Event {
        kind: EventKind::OperatorStatus,
        status: Some(OperatorStatus::Break),
        ..rung(ctx, "bob", "bob", 4)
    };
    let own = rung(ctx, "mine", "ann", 1);
    for event in [&rung(ctx, "theirs", "bob", 1), &own, &status] {
        world.forward(1);
        ctx.store.feed_desks(event, ctx.now()).await.unwrap();
    }
    let missed = realtime::missed(ctx, user().tenant, ann, start).await.unwrap();
    assert_eq!((missed.events, missed.cut), (vec![own, status], false));
    for seq in 2..=150 {
        let event = rung(ctx, "mine", "ann", seq);
        ctx.store.feed_desks(&event, ctx.now()).await.unwrap();
    }
    let missed = realtime::missed(ctx, user().tenant, ann, start).await.unwrap();
    assert_eq!((missed.events.len(), missed.cut), (100, true));
    // What was written up to ten seconds before the cursor comes again; earlier things do not.
    let later = ctx.now() + Duration::seconds(11);
    let missed = realtime::missed(ctx, user().tenant, ann, later).await.unwrap();
    assert_eq!(missed.events, []);
}

#[tokio::test]
async fn a_card_says_who_is_called_and_the_end_how_it_ended() {
    let world = trunkline_testing::World::new().await;
    let ctx = world.ctx();
    let scene = HumanCampaign::new(&ctx, &world.db(), &["ann"], |_| {}).await;
    scene.dial(&ctx).await;
    let of = |kind| {
        let (tenant, call) = (scene.campaign.tenant, scene.call.0);
        Event::of_desk(kind, tenant, call, HumanCampaign::person("ann"), 3, ctx.now())
    };
    let told = async |kind| -> Message { realtime::message(&ctx, &of(kind)).await.unwrap().unwrap() };
    let card = told(EventKind::OperatorRung).await;
    assert_eq!(card.name, "incoming:call");
    let event = of(EventKind::OperatorRung);
    assert_eq!(
        card.data,
        serde_json::json!({
            "callId": scene.call, "leadId": derived("lead"), "first_name": "Jane", "last_name": null, "phone": "+12125550100", "notes": null,
            "eventId": event.id, "seq": 3, "cursor": "2026-01-05T10:00:00.000Z",
        })
    );
    let ended = told(EventKind::OperatorReleased).await;
    assert_eq!(ended.name, "call:ended");
    assert_eq!(
        (&ended.data["disposition"], &ended.data["duration"]),
        (&serde_json::Value::Null, &serde_json::json!(0)),
        "it goes on without Ann"
    );
    let gone = Event {
        subject: derived("no call"),
        ..of(EventKind::OperatorRung)
    };
    assert_eq!(realtime::message(&ctx, &gone).await.unwrap(), None);
}

#[tokio::test]
async fn many_tokens_are_looked_at_at_once_and_each_for_itself() {
    let world = World::new().await;
    let ctx = &world.ctx;
    let founder = ctx.store.account_by_email("founder@example.com").await.unwrap();
    let founder = founder.unwrap().user;
    let mut tokens = Vec::new();
    for _ in 0..120 {
        tokens.push(identity::start_session(ctx, &founder).await.unwrap().access);
    }
    tokens.push("no token".to_owned());
    let by = identity::authenticate(ctx, &tokens[7]).await.unwrap();
    identity::logout(ctx, &by).await.unwrap();
    let good = identity::still_good(ctx, &tokens).await.unwrap();
    let bad: Vec<usize> = (0..tokens.len()).filter(|n| good[*n].is_err()).collect();
    assert_eq!(bad, [7, 120]);
    world.forward(86_400);
    let good = identity::still_good(ctx, &tokens).await.unwrap();
    assert!(good.iter().all(Result::is_err), "a day later they have expired");
}
