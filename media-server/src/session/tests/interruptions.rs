use trunkline_providers::llm::{Action, ReplyPart};
use trunkline_providers::stt::SttEvent;

use super::world::{Event, World};

const LONG: &str = "First we look at your account. Then we talk about the plan that fits. After that you decide. There is no hurry at all.";

/// The agent has begun a long reply; answers when its first audio was.
fn mid_reply() -> (World, u64) {
    let mut world = World::greeted();
    world.reply_with(LONG);
    world.caller_says(0, 700, "Tell me more.");
    let before = world.frames.len();
    world.run_for(1_300);
    let begun = world.frames[before];
    (world, begun)
}

#[test]
fn a_caller_who_speaks_over_the_agent_silences_it_at_once() {
    let (mut world, begun) = mid_reply();
    world.run_for(1_000);
    let spoke = world.now;
    world.caller_says(0, 1_500, "No, wait a moment please.");
    world.run_for(1_500);
    assert_eq!(world.clears.len(), 1);
    let reaction = world.clears[0] - spoke;
    assert!((400..=420).contains(&reaction), "{reaction} ms");
    assert!(
        world.frames.iter().all(|at| *at < world.clears[0]),
        "nothing is sent after the clear"
    );
    assert!(world.clears[0] > begun + 800);
    world.run_for(3_000);
    assert_eq!(
        world.requests.last().unwrap().last().unwrap().text,
        "No, wait a moment please."
    );
}

#[test]
fn what_was_not_heard_is_not_in_the_transcript_nor_in_the_history() {
    let (mut world, _) = mid_reply();
    world.run_for(1_600);
    world.caller_says(0, 1_000, "Stop there.");
    world.run_for(4_000);
    let said = world.agent_said()[1].to_owned();
    assert!(LONG.starts_with(&said) && said.len() < LONG.len(), "{said}");
    let told = &world.requests.last().unwrap()[2];
    assert_eq!(told.text, said);
    // 1.6 s and a bit more at 50 ms a letter.
    assert!((20..60).contains(&said.len()), "{said}");
}

#[test]
fn the_first_moments_of_a_reply_cannot_be_interrupted() {
    let (mut world, begun) = mid_reply();
    world.caller_says(0, 2_000, "Hang on, hang on.");
    world.run_for(1_500);
    assert_eq!(world.clears.len(), 1);
    assert!(
        world.clears[0] >= begun + 800,
        "{} ms after the start",
        world.clears[0] - begun
    );
}

#[test]
fn a_short_noise_does_not_interrupt() {
    let (mut world, _) = mid_reply();
    world.run_for(1_000);
    world.caller_says(0, 260, "");
    world.run_for(7_000);
    assert!(world.clears.is_empty());
    assert_eq!(world.agent_said()[1..].join(" "), LONG);
}

#[test]
fn listening_noises_do_not_interrupt_where_the_words_are_known() {
    let (mut world, _) = mid_reply();
    world.run_for(1_000);
    world.caller_says(0, 700, "Uh-huh.");
    world.at(
        world.now + 200,
        Event::Stt(SttEvent::Partial {
            text: "uh-huh".to_owned(),
        }),
    );
    world.run_for(8_000);
    assert!(world.clears.is_empty());
    assert!(
        world.caller_said().contains(&"Uh-huh."),
        "it is still in the transcript"
    );
    assert_eq!(world.requests.len(), 1, "but not answered");
    assert_eq!(world.agent_said()[1..].join(" "), LONG);
}

#[test]
fn a_known_word_interrupts_sooner_than_a_sound() {
    let (mut world, _) = mid_reply();
    world.run_for(1_000);
    let spoke = world.now;
    world.caller_says(0, 1_000, "Stop it now.");
    world.at(
        world.now + 200,
        Event::Stt(SttEvent::Partial {
            text: "stop".to_owned(),
        }),
    );
    world.run_for(1_000);
    let reaction = world.clears[0] - spoke;
    assert!((300..=320).contains(&reaction), "{reaction} ms");
}

#[test]
fn a_short_word_of_substance_interrupts_once_it_is_recognised() {
    let (mut world, _) = mid_reply();
    world.run_for(1_000);
    world.caller_says(0, 300, "No.");
    world.run_for(3_000);
    assert_eq!(world.clears.len(), 1);
    assert_eq!(world.requests.last().unwrap().last().unwrap().text, "No.");
}

#[test]
fn an_interruption_without_words_is_taken_back_and_nothing_of_the_reply_is_lost() {
    let (mut world, _) = mid_reply();
    world.run_for(1_000);
    world.caller_says(0, 600, "");
    world.run_for(1_200);
    assert_eq!(world.clears.len(), 1);
    let resumed = *world.frames.iter().find(|at| **at >= world.clears[0]).unwrap();
    assert!(resumed - world.clears[0] < 2_000);
    world.run_for(9_000);
    assert_eq!(world.agent_said()[1..].join(" "), LONG);
    assert_eq!(world.session.stats().false_barge_ins, 1);
}

#[test]
fn with_a_slow_recogniser_the_agent_goes_on_within_two_seconds_and_stops_again_if_there_were_words() {
    let (mut world, _) = mid_reply();
    world.stt_ms = Some(4_000);
    world.run_for(1_000);
    world.caller_says(0, 700, "But I have a question.");
    world.run_for(3_000);
    let resumed = *world.frames.iter().find(|at| **at >= world.clears[0]).unwrap();
    assert!(resumed - world.clears[0] <= 2_000);
    world.run_for(4_000);
    assert_eq!(world.clears.len(), 2);
    assert_eq!(
        world.requests.last().unwrap().last().unwrap().text,
        "But I have a question."
    );
}

#[test]
fn a_caller_who_goes_on_before_the_reply_is_heard_is_let_finish() {
    let mut world = World::greeted();
    world.llm_ms = Some(600);
    world.caller_says(0, 700, "I need");
    // The turn is taken to be over at 1,200 ms; the reply would start at about 1,500.
    world.caller_says(1_300, 800, "a new password.");
    let before = world.frames.len();
    world.run_for(2_000);
    assert_eq!(world.frames.len(), before, "the agent did not speak into it");
    world.run_for(2_000);
    assert_eq!(
        world.requests.last().unwrap().last().unwrap().text,
        "I need a new password."
    );
    assert!(world.clears.is_empty());
}

#[test]
fn an_opt_out_by_the_model_holds_before_its_words_are_heard_and_once() {
    let mut world = World::greeted();
    world.replies.push_back(vec![
        ReplyPart::Text(LONG.to_owned()),
        ReplyPart::Action(Action::OptOut),
        ReplyPart::Done,
    ]);
    world.caller_says(0, 700, "Leave me alone.");
    world.run_for(2_500);
    assert_eq!(world.opt_outs.len(), 1, "the agent is still speaking");
    assert_eq!(world.finished, None);
    world.caller_says(0, 1_000, "Is that clear?");
    world.run_for(2_500);
    assert_eq!(world.opt_outs.len(), 1);
}

#[test]
fn lines_come_in_the_order_of_speech_even_across_an_interjection() {
    let (mut world, _) = mid_reply();
    world.run_for(1_000);
    world.caller_says(0, 300, "Okay.");
    world.run_for(8_000);
    let starts: Vec<_> = world.lines.iter().map(|line| line.start_ms).collect();
    assert!(starts.is_sorted(), "{starts:?}");
    assert_eq!(world.caller_said(), ["Tell me more.", "Okay."]);
}
