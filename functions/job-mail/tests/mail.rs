//! Mail on its way: a mail server on loopback that takes, refuses, is busy or never answers.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    missing_docs,
    unreachable_pub,
    dead_code,
    reason = "a test may stop at the first surprise; the mail server serves the end-to-end tests too"
)]

#[path = "stand_in/mod.rs"]
mod stand_in;

use std::time::Duration;

use chrono::TimeDelta;
use job_mail::{Smtp, handle};
use stand_in::{Manner, StandIn};
use trunkline_domain::page::PageQuery;
use trunkline_queue::{BatchItem, MailJob, Versioned};
use trunkline_runtime::Config;
use trunkline_service::{
    Ctx,
    identity::{self, NewUser},
    mail::{Mail, MailStatus, Post, sweep},
};
use trunkline_testing::{Aws, Queue, World};

fn smtp(url: &str) -> Smtp {
    let config = Config::read(&|name| (name == "TRUNKLINE_SMTP_URL").then(|| url.into())).unwrap();
    Smtp::new(config.smtp.as_ref().unwrap()).unwrap()
}

/// A mail as the platform writes it: the one with a token that resets a password.
async fn written(ctx: &Ctx) -> Mail {
    let new = NewUser {
        email: "lost@example.com".into(),
        password: "correct horse".into(),
        first_name: String::new(),
        last_name: String::new(),
        phone: None,
        role: None,
        tenant: None,
        invitation: None,
    };
    identity::register(ctx, None, new).await.unwrap();
    identity::forgot_password(ctx, "lost@example.com").await.unwrap();
    newest(ctx).await
}

async fn newest(ctx: &Ctx) -> Mail {
    let page = PageQuery {
        limit: 10,
        ..PageQuery::default()
    };
    let (mut mails, _) = ctx.store.list_mail(&page, ctx.now()).await.unwrap();
    assert_eq!(mails.len(), 1, "one mail for one wish");
    mails.remove(0)
}

fn message(mail: &Mail) -> Vec<BatchItem> {
    let job = MailJob::Send {
        at: mail.at,
        id: mail.id,
    };
    vec![BatchItem {
        id: "m1".into(),
        body: serde_json::to_string(&Versioned::V1(job)).unwrap(),
        receive_count: 1,
    }]
}

async fn work(ctx: &Ctx, post: &dyn Post, mail: &Mail) -> Mail {
    assert!(handle(ctx, Some(post), message(mail)).await.is_empty());
    newest(ctx).await
}

#[tokio::test]
async fn a_mail_is_handed_over_once_and_its_token_is_then_its_readers_alone() {
    let world = World::new().await;
    let ctx = world.ctx();
    let server = StandIn::start(Manner::Takes).await;
    let post = smtp(&server.url());
    let mail = written(&ctx).await;
    assert_eq!(mail.status, MailStatus::Waiting);
    let sent = work(&ctx, &post, &mail).await;
    assert_eq!(
        (sent.status, sent.body.as_str(), sent.tries),
        (MailStatus::Sent, "", 1)
    );
    work(&ctx, &post, &mail).await;
    let taken = server.taken();
    assert_eq!(taken.len(), 1, "a message that comes again sends nothing");
    let token = mail.body.lines().find(|line| line.len() == 43).unwrap();
    for part in [
        "To: lost@example.com",
        "Subject: Reset your password",
        &format!("Message-ID: <{}@trunkline.local>", mail.id),
        "Date: Mon, 05 Jan 2026 10:00:00 +0000",
        token,
    ] {
        assert!(taken[0].contains(part), "{part} in {}", taken[0]);
    }
    assert_eq!(server.recipients(), ["lost@example.com"]);
}

#[tokio::test]
async fn what_will_never_be_taken_is_left_for_the_admin_with_the_reason() {
    let world = World::new().await;
    let ctx = world.ctx();
    let server = StandIn::start(Manner::RefusesRecipient).await;
    let post = smtp(&server.url());
    let mail = written(&ctx).await;
    let failed = work(&ctx, &post, &mail).await;
    assert_eq!((failed.status, failed.tries), (MailStatus::Failed, 1));
    assert!(
        failed.reason.as_ref().unwrap().contains("no such user here"),
        "{failed:?} {:?}",
        failed.reason
    );
    assert_eq!(failed.body, mail.body);
    work(&ctx, &post, &mail).await;
    assert_eq!(server.visits(), 1);
}

#[tokio::test]
async fn a_busy_server_is_asked_again_when_the_pause_is_over() {
    let world = World::new().await;
    let ctx = world.ctx();
    let busy = StandIn::start(Manner::Busy).await;
    let mail = written(&ctx).await;
    let waiting = work(&ctx, &smtp(&busy.url()), &mail).await;
    assert_eq!((waiting.status, waiting.tries), (MailStatus::Waiting, 1));
    assert_eq!(waiting.next_at, Some(ctx.now() + TimeDelta::seconds(15)));
    let server = StandIn::start(Manner::Takes).await;
    let post = smtp(&server.url());
    assert_eq!(work(&ctx, &post, &mail).await.tries, 1, "not before its time");
    world.clock.turn(TimeDelta::seconds(15));
    let sent = work(&ctx, &post, &mail).await;
    assert_eq!(
        (sent.status, sent.tries, sent.reason),
        (MailStatus::Sent, 2, None)
    );
    assert_eq!(server.taken().len(), 1);
}

#[tokio::test]
async fn a_wrong_account_is_wrong_for_every_mail_so_they_wait() {
    let world = World::new().await;
    let ctx = world.ctx();
    let server = StandIn::start(Manner::RefusesAccount).await;
    let url = server.url().replace("smtp://", "smtp://user:pass@");
    let mail = written(&ctx).await;
    let waiting = work(&ctx, &smtp(&url), &mail).await;
    assert_eq!(waiting.status, MailStatus::Waiting, "{:?}", waiting.reason);
    assert!(!waiting.reason.unwrap().contains("pass@"));
}

#[tokio::test]
async fn a_server_that_never_answers_holds_nothing_up() {
    let world = World::new().await;
    let ctx = world.ctx();
    let server = StandIn::start(Manner::Hangs).await;
    let post = smtp(&server.url()).within(Duration::from_millis(300));
    let mail = written(&ctx).await;
    let waiting = work(&ctx, &post, &mail).await;
    assert_eq!(waiting.status, MailStatus::Waiting);
    assert!(waiting.reason.unwrap().contains("within 0.3 s"));
}

#[tokio::test]
async fn a_server_that_is_not_there_is_tried_for_a_day() {
    let world = World::new().await;
    let ctx = world.ctx();
    let gone = StandIn::start(Manner::Takes).await.url();
    let post = smtp(&gone);
    let mail = written(&ctx).await;
    let mut tries = 0;
    let given_up = loop {
        let now = work(&ctx, &post, &mail).await;
        tries += 1;
        assert_eq!(now.tries, tries);
        match now.next_at {
            Some(next) => world.clock.turn(next - ctx.now()),
            None => break now,
        }
        assert!(tries < 200);
    };
    assert_eq!(given_up.status, MailStatus::Failed);
    let tried_for = ctx.now() - mail.at;
    assert!(
        tried_for >= TimeDelta::hours(24) && tried_for < TimeDelta::hours(25),
        "{tried_for}"
    );
    assert!(given_up.reason.is_some() && given_up.body == mail.body);
}

#[tokio::test]
async fn without_a_mail_server_a_mail_is_kept_for_the_admin() {
    let world = World::new().await;
    let ctx = world.ctx();
    let mail = written(&ctx).await;
    assert!(handle(&ctx, None, message(&mail)).await.is_empty());
    let kept = newest(&ctx).await;
    assert_eq!((kept.status, kept.body), (MailStatus::Kept, mail.body));
}

#[tokio::test]
async fn what_cannot_be_read_comes_again_and_what_is_gone_does_not() {
    let world = World::new().await;
    let ctx = world.ctx();
    let unreadable = BatchItem {
        id: "odd".into(),
        body: "{}".into(),
        receive_count: 1,
    };
    assert_eq!(handle(&ctx, None, vec![unreadable]).await, ["odd"]);
    identity::forgot_password(&ctx, "nobody@example.com")
        .await
        .unwrap();
    let page = PageQuery {
        limit: 10,
        ..PageQuery::default()
    };
    assert!(ctx.store.list_mail(&page, ctx.now()).await.unwrap().0.is_empty());
    let nothing = Mail {
        id: uuid::Uuid::nil(),
        ..written(&ctx).await
    };
    assert!(handle(&ctx, None, message(&nothing)).await.is_empty());
}

#[tokio::test]
async fn the_clock_finds_a_mail_whose_message_was_lost_and_no_other() {
    let world = World::new().await;
    // Nobody listens where this one's queue would be.
    let mail = written(&world.ctx()).await;
    let aws = Aws::start().await;
    let mut ctx = world.ctx();
    aws.wire(&mut ctx);
    world.clock.turn(TimeDelta::seconds(59));
    assert_eq!(
        sweep(&ctx).await.unwrap(),
        0,
        "its message may still be under way"
    );
    world.clock.turn(TimeDelta::seconds(1));
    assert_eq!(sweep(&ctx).await.unwrap(), 1);
    let server = StandIn::start(Manner::Takes).await;
    let batch = vec![aws.next(Queue::Mail).await];
    assert!(handle(&ctx, Some(&smtp(&server.url())), batch).await.is_empty());
    assert_eq!(newest(&ctx).await.status, MailStatus::Sent);
    assert!(server.taken()[0].contains(&mail.id.to_string()));
    world.clock.turn(TimeDelta::hours(1));
    assert_eq!(sweep(&ctx).await.unwrap(), 0, "what is sent waits no more");
}
