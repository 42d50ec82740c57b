//! A person is looked for while the agent talks on; and streams on which nobody talks.

use trunkline_providers::llm::{Action, Line, ReplyPart, Speaker};
use trunkline_providers::vad::FRAME;

use super::super::*;
use super::world::{Event, World};

const CONNECTING: &str = "I will find somebody.";

/// A greeted caller who has asked for a person, of whom there are some.
fn asked(said: &str) -> World {
    let mut world = World::new(SessionConfig {
        direction: Direction::Inbound,
        greeting: "Hello.".to_owned(),
        handover: People::Some,
        ..SessionConfig::default()
    });
    world.run_for(1_500);
    transfers(&mut world, said);
    world.caller_says(0, 700, "A person, please.");
    world.run_for(5_000);
    world
}

/// The model's next reply.
fn transfers(world: &mut World, said: &str) {
    world.replies.push_back(vec![
        ReplyPart::Text(said.to_owned()),
        ReplyPart::Action(Action::TransferToHuman),
        ReplyPart::Done,
    ]);
}

#[test]
fn the_agent_announces_it_asks_for_a_person_and_talks_on() {
    let mut world = asked(CONNECTING);
    assert_eq!(world.searches.len(), 1);
    assert_eq!(world.agent_said()[1], CONNECTING);
    let last = world.frames.iter().rev().find(|at| **at < world.searches[0]);
    assert!(
        last.is_some_and(|last| last + 200 > world.searches[0]),
        "after it was heard"
    );
    assert!(world.finished.is_none());
    world.reply_with("Until nine.");
    world.caller_says(0, 700, "How long are you open?");
    world.run_for(4_000);
    assert_eq!(world.agent_said().last(), Some(&"Until nine."));
    assert_eq!(world.searches.len(), 1);
}

#[test]
fn a_model_that_says_nothing_of_it_does_not_leave_the_line_dead() {
    let world = asked("");
    assert_eq!(world.searches.len(), 1);
    assert!(world.agent_said()[1].contains("looking for a colleague"));
    assert!(world.finished.is_none());
}

#[test]
fn who_is_told_to_wait_is_not_hung_up_on_in_the_same_breath() {
    let mut world = World::new(SessionConfig {
        direction: Direction::Inbound,
        greeting: "Hello.".to_owned(),
        handover: People::Some,
        ..SessionConfig::default()
    });
    world.run_for(1_500);
    world.replies.push_back(vec![
        ReplyPart::Text(CONNECTING.to_owned()),
        ReplyPart::Action(Action::TransferToHuman),
        ReplyPart::Action(Action::Hangup),
        ReplyPart::Done,
    ]);
    world.caller_says(0, 700, "A person, please.");
    world.run_for(6_000);
    assert_eq!((world.searches.len(), world.finished), (1, None));
}

#[test]
fn asked_again_while_somebody_is_looked_for_there_is_no_second_search() {
    let mut world = asked(CONNECTING);
    transfers(&mut world, "");
    world.caller_says(0, 900, "Where is my person?");
    world.run_for(6_000);
    assert_eq!(world.searches.len(), 1);
    let said = *world.agent_said().last().unwrap();
    assert!(said.contains("still looking"), "{said}");
}

#[test]
fn that_nobody_came_is_told_when_the_agent_has_said_what_it_says_and_the_talk_goes_on() {
    let mut world = asked(CONNECTING);
    world.reply_with("We are open from eight in the morning until nine.");
    world.caller_says(0, 700, "When are you open?");
    // In the middle of that.
    world.at(world.now + 2_500, Event::NobodyCame);
    world.run_for(12_000);
    let said = world.agent_said();
    let [.., open, sorry] = said.as_slice() else {
        panic!("{said:?}")
    };
    assert_eq!(*open, "We are open from eight in the morning until nine.");
    assert!(sorry.contains("none of my colleagues is free"), "{sorry}");
    world.reply_with("I will pass it on.");
    world.caller_says(0, 700, "Tell them that I called.");
    world.run_for(5_000);
    assert_eq!(world.agent_said().last(), Some(&"I will pass it on."));
    let heard = world.requests.last().unwrap();
    assert!(
        heard
            .iter()
            .any(|line| line.text.contains("none of my colleagues"))
    );
    // Whoever asks again later is looked for again.
    transfers(&mut world, CONNECTING);
    world.caller_says(0, 700, "Try once more.");
    world.run_for(5_000);
    assert_eq!((world.searches.len(), world.finished), (2, None));
}

#[test]
fn that_nobody_came_does_not_cut_the_caller_short() {
    let mut world = asked(CONNECTING);
    world.reply_with("I see.");
    world.caller_says(0, 3_000, "I have something else to ask.");
    world.at(world.now + 1_000, Event::NobodyCame);
    world.run_for(12_000);
    let said = world.agent_said();
    assert_eq!(said[said.len() - 2], "I see.");
    assert!(said.last().unwrap().contains("none of my colleagues"));
    assert_eq!(world.caller_said().last(), Some(&"I have something else to ask."));
}

#[test]
fn who_waits_in_silence_is_told_so_and_never_given_up() {
    let mut world = asked(CONNECTING);
    world.run_for(90_000);
    assert!(world.finished.is_none());
    let told = world
        .agent_said()
        .iter()
        .filter(|said| said.contains("still looking"))
        .count();
    assert!((5..=9).contains(&told), "{told}");
    // Nobody came: silence is silence again.
    world.at(world.now, Event::NobodyCame);
    world.run_for(40_000);
    assert_eq!(world.finished.map(|(next, _)| next), Some(Next::Hangup));
    assert_eq!(world.session.stats().ended_by, EndedBy::Silence);
}

#[test]
fn the_stream_that_a_person_takes_away_leaves_the_whole_transcript() {
    let mut world = asked(CONNECTING);
    world.stt_ms = Some(600);
    world.caller_says(0, 900, "Is somebody there?");
    world.at(world.now + 900, Event::Stop);
    world.run_for(4_000);
    assert_eq!(world.finished.map(|(next, _)| next), Some(Next::Hangup));
    assert_eq!(world.caller_said(), ["A person, please.", "Is somebody there?"]);
    assert_eq!(world.agent_said(), ["Hello.", CONNECTING]);
}

#[test]
fn a_stream_that_follows_a_broken_one_goes_on_with_its_search() {
    let mut world = World::new(SessionConfig {
        history: vec![Line {
            speaker: Speaker::User,
            text: "A person, please.".to_owned(),
        }],
        handover: People::Sought,
        ..SessionConfig::default()
    });
    world.run_for(4_000);
    assert_eq!(world.searches, [0]);
    world.at(world.now, Event::NobodyCame);
    world.run_for(14_000);
    assert!(
        world
            .agent_said()
            .last()
            .unwrap()
            .contains("none of my colleagues")
    );
}

#[test]
fn a_late_word_that_nobody_came_changes_nothing() {
    let mut world = World::greeted();
    world.tell(Input::NobodyCame);
    world.run_for(2_000);
    assert_eq!(world.agent_said(), ["Hello."]);
}

fn listening() -> World {
    let mut config = SessionConfig {
        machine: MachinePolicy::LeaveMessage,
        listens: true,
        ..SessionConfig::default()
    };
    config.timings.machine_ms = 30_000;
    World::new(config)
}

/// A tone of 1 kHz, as machines beep.
fn beep(world: &mut World, ms: u64) {
    let wave = [0, 5_657, 8_000, 5_657, 0, -5_657, -8_000, -5_657];
    let frame: [i16; FRAME] = std::array::from_fn(|n| wave[n % 8]);
    for _ in 0..ms / 20 {
        world.now += 20;
        world.tell(Input::Media {
            frame: &frame,
            speech: 0.1,
        });
    }
}

#[test]
fn where_nobody_talks_the_beep_is_heard_without_any_provider() {
    let mut world = listening();
    world.caller_says(0, 6_000, "This is the voicemail of John. Please speak.");
    world.run_for(6_300);
    assert!(world.finished.is_none(), "the greeting is still on");
    beep(&mut world, 400);
    world.run_for(100);
    let (next, at) = world.finished.unwrap();
    assert_eq!(next, Next::Voicemail);
    assert!((6_700..6_800).contains(&at), "{at}");
    assert_eq!(world.session.stats().ended_by, EndedBy::Machine);
    let asked = (
        world.choices.len(),
        world.fed,
        world.frames.len(),
        world.lines.len(),
    );
    assert_eq!(asked, (0, 0, 0, 0), "no provider was asked, nothing was said");
}

#[test]
fn without_a_beep_the_greetings_end_stands_for_it_and_its_length_is_bounded() {
    let mut world = listening();
    world.caller_says(0, 4_000, "Speak.");
    world.run_for(10_000);
    let (next, at) = world.finished.unwrap();
    assert_eq!((next, at), (Next::Voicemail, 6_000));
    let mut world = listening();
    world.caller_says(0, 90_000, "And another thing.");
    world.run_for(60_000);
    assert_eq!(world.finished, Some((Next::Voicemail, 30_000)));
}

#[test]
fn a_machine_that_hangs_up_is_left_no_message() {
    let mut world = listening();
    world.caller_says(0, 4_000, "Nobody is here. Goodbye.");
    world.at(3_000, Event::Stop);
    world.run_for(10_000);
    assert_eq!(world.finished, Some((Next::Hangup, 3_000)));
    assert_eq!(world.session.stats().ended_by, EndedBy::Caller);
}
