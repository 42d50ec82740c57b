//! A machine on a campaign without an AI agent: a stream that only listens for its beep, then the message.

use trunkline_auth::StreamGrant;
use trunkline_domain::{
    AnsweredBy, CallStatus, Outcome,
    call::Next,
    call_status::Report,
    voicemail::{SoundFormat, VoicemailFile, VoicemailMessage, VoicemailState},
};
use trunkline_service::dialing::{
    hooks::{self, Answer},
    media,
};

use crate::{
    carrier::CALLER,
    world::{World, run},
};

const URL: &str = "https://example.com/message.wav";

/// A machine speaks its greeting, and a stream was asked for that listens: its number and token.
async fn listens() -> (World, u32, String) {
    let world = World::new(&["a"], |campaign| {
        campaign.voicemail_message_url = Some(URL.to_owned());
    })
    .await;
    world.dialled().await;
    world.answered(&world.ctx).await;
    world.work(&world.ctx).await;
    hooks::amd(&world.ctx, world.call, 1, CALLER, AnsweredBy::MachineStart)
        .await
        .unwrap();
    let (generation, token) = stream(&world, 0).await;
    (world, generation, token)
}

/// The stream that follows when this one has ended.
async fn stream(world: &World, ended: u32) -> (u32, String) {
    let asked = hooks::stream_ended(&world.ctx, world.call, 1, CALLER, ended).await;
    let asked = asked.unwrap();
    let Answer::Stream {
        generation, token, ..
    } = asked
    else {
        panic!("no stream but {asked:?}")
    };
    (generation, token)
}

async fn admitted(world: &World, generation: u32, token: &str) -> media::Admitted {
    let grant = StreamGrant {
        call: world.call,
        epoch: 1,
        generation,
    };
    media::admit(&world.ctx, grant, token, CALLER).await.unwrap()
}

/// The campaign's file as it was fetched.
async fn keep(world: &World, state: VoicemailState) {
    let message = VoicemailMessage {
        campaign: world.campaign.id,
        tenant: world.campaign.tenant,
        url: URL.to_owned(),
        tried_at: world.ctx.now(),
        state,
    };
    world.ctx.store.put_voicemail(&message).await.unwrap();
}

/// The beep was heard: what is the machine given?
async fn beeps(world: &World, generation: u32) -> Answer {
    let by = Some(AnsweredBy::MachineEndOther);
    media::finish(&world.ctx, world.call, generation, Next::Voicemail, by)
        .await
        .unwrap();
    let asked = hooks::stream_ended(&world.ctx, world.call, 1, CALLER, generation).await;
    asked.unwrap()
}

#[test]
fn the_stream_has_nobody_who_talks_and_after_the_beep_our_copy_is_played() {
    run(async {
        let (world, generation, token) = listens().await;
        let file = VoicemailFile {
            key: "voicemail/1".to_owned(),
            format: SoundFormat::Wav,
            size_bytes: 8_044,
            duration_ms: 1_000,
        };
        keep(&world, VoicemailState::Ready(file)).await;
        let admitted = admitted(&world, generation, &token).await;
        assert!(admitted.talker.is_none());
        assert_eq!(admitted.handover, media::Handover::No);
        let Answer::Play { url } = beeps(&world, generation).await else {
            panic!("nothing is played");
        };
        let ours = format!("/voicemail-messages/{}?expires=", world.campaign.id);
        assert!(url.contains(&ours), "{url}");
        world.status(&world.ctx, Report::Completed).await;
        world.work(&world.ctx).await;
        let call = world.row().await;
        assert_eq!(call.status, CallStatus::Ended(Outcome::Voicemail));
        assert_eq!(call.answered_by, Some(AnsweredBy::MachineEndOther));
        assert!(!call.abandoned);
        world.is_clean(&["a"]).await;
    });
}

#[test]
fn a_message_that_cannot_be_played_ends_the_call_after_the_beep() {
    run(async {
        for state in [None, Some("the address answers with HTTP status 404")] {
            let (world, generation, token) = listens().await;
            if let Some(why) = state {
                keep(&world, VoicemailState::Failed(why.to_owned())).await;
            }
            admitted(&world, generation, &token).await;
            assert_eq!(beeps(&world, generation).await, Answer::Hangup);
            world.status(&world.ctx, Report::Completed).await;
            world.work(&world.ctx).await;
            assert_eq!(world.row().await.status, CallStatus::Ended(Outcome::Voicemail));
        }
    });
}

#[test]
fn a_listening_stream_that_breaks_goes_on_listening_and_not_for_ever() {
    run(async {
        let (world, generation, token) = listens().await;
        assert_eq!(generation, 0);
        admitted(&world, 0, &token).await;
        // The socket broke, and was noticed.
        media::finish(&world.ctx, world.call, 0, Next::Resume, None)
            .await
            .unwrap();
        assert_eq!(world.row().await.next, Some(Next::Listen));
        let (generation, token) = stream(&world, 0).await;
        assert!(admitted(&world, generation, &token).await.talker.is_none());
        // The media server died without a word.
        let (generation, token) = stream(&world, 1).await;
        assert!(admitted(&world, generation, &token).await.talker.is_none());
        let asked = hooks::stream_ended(&world.ctx, world.call, 1, CALLER, 2).await;
        assert_eq!(asked.unwrap(), Answer::Hangup, "a machine needs no apology");
    });
}

#[test]
fn a_machine_that_hangs_up_is_left_nothing() {
    run(async {
        let (world, generation, token) = listens().await;
        admitted(&world, generation, &token).await;
        media::finish(&world.ctx, world.call, generation, Next::Hangup, None)
            .await
            .unwrap();
        assert_eq!(world.row().await.next, Some(Next::Hangup));
    });
}
