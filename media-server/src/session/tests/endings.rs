use trunkline_providers::llm::{Action, ReplyPart};

use super::super::*;
use super::world::{Event, World};

fn next(world: &World) -> Option<Next> {
    world.finished.map(|(next, _)| next)
}

fn with_action(action: Action) -> World {
    let mut world = World::greeted();
    world.replies.push_back(vec![
        ReplyPart::Text("Of course. Goodbye then.".to_owned()),
        ReplyPart::Action(action),
        ReplyPart::Done,
    ]);
    world.caller_says(0, 700, "That was all.");
    world
}

#[test]
fn the_agent_hangs_up_only_after_its_goodbye_was_heard() {
    let mut world = with_action(Action::Hangup);
    world.run_for(8_000);
    assert_eq!(next(&world), Some(Next::Hangup));
    let last = *world.frames.last().unwrap();
    assert!(world.finished.unwrap().1 >= last + 20);
    assert!(world.finished.unwrap().1 < last + 200);
    assert_eq!(world.agent_said()[1], "Of course. Goodbye then.");
}

#[test]
fn a_transfer_happens_after_it_was_announced() {
    let mut world = with_action(Action::TransferToHuman);
    world.run_for(8_000);
    assert_eq!(next(&world), Some(Next::Operator));
    assert_eq!(world.agent_said()[1], "Of course. Goodbye then.");
}

#[test]
fn with_lost_marks_the_goodbye_still_ends_the_call() {
    let mut world = with_action(Action::Hangup);
    world.loses_marks = true;
    world.run_for(9_000);
    assert_eq!(next(&world), Some(Next::Hangup));
    assert!(world.session.stats().marks_lost > 0);
    assert_eq!(world.agent_said()[1], "Of course. Goodbye then.");
}

#[test]
fn a_model_that_opts_out_without_hanging_up_ends_the_call_all_the_same() {
    let mut world = with_action(Action::OptOut);
    world.run_for(8_000);
    assert_eq!((next(&world), world.opt_outs.len()), (Some(Next::Hangup), 1));
}

#[test]
fn key_nine_opts_out_at_once_is_confirmed_and_ends_the_call() {
    let mut world = World::greeted();
    let pressed = world.now + 100;
    world.at(pressed, Event::Key('1'));
    world.at(pressed, Event::Key('9'));
    world.at(pressed + 300, Event::Key('9'));
    world.run_for(10_000);
    assert_eq!(world.opt_outs, [(pressed, OptOutBy::Key)]);
    assert_eq!(next(&world), Some(Next::Hangup));
    assert!(
        world
            .agent_said()
            .contains(&"Understood. We won't call you again. Goodbye.")
    );
}

#[test]
fn an_opt_out_by_speech_is_recognised_beside_the_model_even_across_a_pause() {
    let config = SessionConfig {
        direction: Direction::Inbound,
        greeting: "Hello.".to_owned(),
        opt_out: |text| text.to_lowercase().contains("stop calling"),
        ..SessionConfig::default()
    };
    let mut world = World::new(config);
    world.run_for(1_500);
    world.caller_says(0, 400, "Please stop");
    world.caller_says(800, 500, "calling me.");
    world.run_for(8_000);
    assert_eq!((next(&world), world.opt_outs.len()), (Some(Next::Hangup), 1));
    assert_eq!(world.opt_outs[0].1, OptOutBy::Speech);
    assert_eq!(world.caller_said(), ["Please stop calling me."]);
}

#[test]
fn at_the_maximum_duration_the_agent_says_goodbye() {
    let mut config = SessionConfig {
        direction: Direction::Inbound,
        greeting: "Hello.".to_owned(),
        ..SessionConfig::default()
    };
    config.timings.max_duration_ms = 5_000;
    let mut world = World::new(config);
    world.run_for(30_000);
    let (next, at) = world.finished.unwrap();
    assert_eq!(next, Next::Hangup);
    assert!((5_000..12_000).contains(&at), "{at}");
    assert!(world.agent_said().last().unwrap().contains("our time is up"));
    assert_eq!(world.session.stats().ended_by, EndedBy::TimeLimit);
}

#[test]
fn a_hangup_in_mid_sentence_keeps_what_was_said_on_both_sides() {
    let mut world = World::greeted();
    world.stt_ms = Some(700);
    world.caller_says(0, 2_000, "I was just about to say");
    world.at(world.now + 1_500, Event::Stop);
    world.run_for(5_000);
    assert_eq!(next(&world), Some(Next::Hangup));
    assert_eq!(world.caller_said(), ["I was just about to say"]);
    assert_eq!(world.session.stats().ended_by, EndedBy::Caller);
}

#[test]
fn after_a_hangup_a_recogniser_that_says_nothing_is_not_waited_for_long() {
    let mut world = World::greeted();
    world.stt_ms = None;
    world.caller_says(0, 2_000, "lost");
    let stop = world.now + 1_500;
    world.at(stop, Event::Stop);
    world.run_for(10_000);
    assert_eq!(world.finished, Some((Next::Hangup, stop + 2_000)));
}

#[test]
fn a_broken_socket_asks_for_a_new_stream() {
    let mut world = World::greeted();
    world.at(world.now + 100, Event::Lost);
    world.run_for(1_000);
    assert_eq!(next(&world), Some(Next::Resume));
}

#[test]
fn a_stream_without_any_audio_is_given_up() {
    let mut world = World::greeted();
    world.silent_line = true;
    world.run_for(30_000);
    assert_eq!(next(&world), Some(Next::Resume));
    assert_eq!(world.session.stats().ended_by, EndedBy::LineLost);
}

#[test]
fn a_drain_finishes_at_once_and_keeps_what_was_heard() {
    let mut world = World::greeted();
    world.reply_with("One two three four five six seven eight nine ten.");
    world.caller_says(0, 500, "Count, please.");
    world.run_for(2_500);
    let at = world.now;
    world.tell(Input::Finish(Next::Resume));
    assert_eq!(world.finished, Some((Next::Resume, at)));
    assert!(world.agent_said()[1].starts_with("One two"));
}

#[test]
fn a_machine_is_hung_up_on_without_a_word() {
    let mut world = World::new(SessionConfig {
        greeting: "Hello.".to_owned(),
        machine: MachinePolicy::Hangup,
        ..SessionConfig::default()
    });
    world.caller_says(100, 3_000, "You have reached the Smiths.");
    world.at(2_000, Event::Amd(Answerer::Machine));
    world.run_for(4_000);
    assert_eq!(next(&world), Some(Next::Hangup));
    assert!(world.frames.is_empty());
}

#[test]
fn a_message_is_left_after_the_beep_and_not_into_the_greeting() {
    let config = SessionConfig {
        greeting: "Hello.".to_owned(),
        machine: MachinePolicy::LeaveMessage,
        ..SessionConfig::default()
    };
    let mut world = World::new(config.clone());
    world.caller_says(100, 5_000, "You have reached the Smiths. Leave a message.");
    world.at(2_500, Event::Amd(Answerer::Machine));
    world.at(5_400, Event::Amd(Answerer::MachineReady));
    world.run_for(10_000);
    assert_eq!(next(&world), Some(Next::Voicemail));
    assert!(world.finished.unwrap().1 >= 5_400);
    assert!(world.frames.is_empty());
    assert_eq!(
        world.caller_said(),
        ["You have reached the Smiths. Leave a message."]
    );

    // Without a beep, the silence after the greeting stands for it.
    let mut world = World::new(config);
    world.caller_says(100, 3_000, "Leave a message.");
    world.at(2_500, Event::Amd(Answerer::Machine));
    world.run_for(10_000);
    assert_eq!(world.finished, Some((Next::Voicemail, 5_100)));
}

#[test]
fn a_machine_that_talks_for_ever_is_not_listened_to_for_ever() {
    let config = SessionConfig {
        machine: MachinePolicy::LeaveMessage,
        ..SessionConfig::default()
    };
    let mut world = World::new(config);
    world.caller_says(100, 90_000, "Blah.");
    world.at(1_000, Event::Amd(Answerer::Machine));
    world.run_for(60_000);
    assert_eq!(world.finished, Some((Next::Voicemail, 21_000)));
}

#[test]
fn words_over_the_goodbye_are_noted_but_do_not_keep_the_call_open() {
    let mut world = World::greeted();
    world.at(world.now + 100, Event::Key('9'));
    world.caller_says(600, 600, "Thank you, bye.");
    world.run_for(10_000);
    assert_eq!(next(&world), Some(Next::Hangup));
    assert_eq!(world.caller_said(), ["Thank you, bye."]);
    assert!(world.requests.is_empty());
}

#[test]
fn a_recorded_greeting_is_recognised_by_its_length_and_by_its_words() {
    for (lasting, text, by) in [
        (4_000, "You have reached", 5_200),
        (1_500, "Please leave a message after the tone.", 2_200),
    ] {
        let mut world = World::new(SessionConfig {
            machine: MachinePolicy::Hangup,
            ..SessionConfig::default()
        });
        world.caller_says(100, lasting, text);
        world.run_for(8_000);
        let (next, at) = world.finished.unwrap();
        assert_eq!(next, Next::Hangup);
        assert!(at <= by, "{text}: at {at}");
        assert_eq!(world.session.stats().ended_by, EndedBy::Machine);
    }
}

#[test]
fn a_person_who_was_greeted_is_not_hung_up_on_for_talking_long() {
    let config = SessionConfig {
        greeting: "Hi.".to_owned(),
        machine: MachinePolicy::Hangup,
        ..SessionConfig::default()
    };
    let mut world = World::new(config);
    world.caller_says(300, 700, "Hello?");
    world.caller_says(3_000, 7_000, "Let me tell you a long story.");
    world.run_for(14_000);
    assert!(world.finished.is_none());
    assert_eq!(world.requests.len(), 1);
}
