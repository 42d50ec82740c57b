use trunkline_providers::llm::{Line, ReplyPart, Speaker};
use trunkline_providers::stt::SttEvent;

use super::super::*;
use super::world::{Event, World};

fn outbound(greeting: &str) -> World {
    World::new(SessionConfig {
        greeting: greeting.to_owned(),
        ..SessionConfig::default()
    })
}

#[test]
fn a_callee_who_says_nothing_is_greeted_after_the_wait() {
    let mut world = outbound("Hello.");
    world.run_for(1_190);
    assert!(world.frames.is_empty());
    world.run_for(100);
    assert!(!world.frames.is_empty());
}

#[test]
fn a_callee_is_greeted_after_the_hello_and_not_into_it() {
    let mut world = outbound("Good morning.");
    world.caller_says(300, 700, "Hello?");
    world.run_for(1_380);
    assert!(world.frames.is_empty(), "the hello ended at 1,000 ms");
    world.run_for(3_000);
    assert_eq!(
        world
            .lines
            .iter()
            .map(|line| line.text.as_str())
            .collect::<Vec<_>>(),
        ["Hello?", "Good morning."]
    );
    assert!(
        world.requests.is_empty(),
        "a hello is not replied to by the model"
    );
}

#[test]
fn a_caller_who_dialled_in_is_greeted_at_once() {
    let mut world = World::new(SessionConfig {
        direction: Direction::Inbound,
        greeting: "Hello.".to_owned(),
        ..SessionConfig::default()
    });
    world.run_for(60);
    assert!(!world.frames.is_empty());
}

#[test]
fn without_a_greeting_the_model_makes_one() {
    let mut world = World::new(SessionConfig {
        direction: Direction::Inbound,
        ..SessionConfig::default()
    });
    world.run_for(2_500);
    assert_eq!(world.requests, [vec![]]);
    assert_eq!(world.agent_said(), ["I see. Go on."]);
}

#[test]
fn a_resumed_stream_goes_on_with_the_history_and_does_not_greet_again() {
    let before = vec![Line {
        speaker: Speaker::User,
        text: "I want to book".to_owned(),
    }];
    let mut world = World::new(SessionConfig {
        greeting: "Hello.".to_owned(),
        history: before,
        ..SessionConfig::default()
    });
    world.run_for(5_000);
    assert_eq!(
        world.agent_said(),
        ["Sorry, the line dropped for a moment. Please go on."]
    );
    world.caller_says(0, 800, "A table for two.");
    world.run_for(2_000);
    assert_eq!(world.requests[0][0].text, "I want to book");
    assert_eq!(world.requests[0].last().unwrap().text, "A table for two.");
}

#[test]
fn the_reply_starts_exactly_at_the_end_of_speech_silence_when_the_providers_are_quick() {
    let mut world = World::greeted();
    let spoke_until = world.now + 1_000;
    world.caller_says(0, 1_000, "What time is it?");
    let before = world.frames.len();
    world.run_for(3_000);
    let first = world.frames[before];
    assert_eq!(
        first - spoke_until,
        500,
        "the silence that ends a turn, and not a millisecond more"
    );
    assert_eq!(world.session.stats().replies, 1);
    assert_eq!(world.requests.len(), 1, "speculation is not asked twice");
}

#[test]
fn a_reply_prepared_in_a_pause_is_thrown_away_when_the_caller_goes_on() {
    let mut world = World::greeted();
    world.reply_with("Two o'clock.");
    world.reply_with("In Paris it is three o'clock.");
    world.caller_says(0, 800, "What time is it");
    world.caller_says(1_200, 600, "in Paris?");
    world.run_for(6_000);
    assert_eq!(world.requests.len(), 2);
    assert_eq!(
        world.requests[1].last().unwrap().text,
        "What time is it in Paris?"
    );
    assert_eq!(world.agent_said()[1..], ["In Paris it is three o'clock."]);
    assert_eq!(
        world.caller_said(),
        ["What time is it in Paris?"],
        "a turn with a pause is one line"
    );
}

#[test]
fn an_unfinished_sentence_is_waited_for() {
    let mut world = World::greeted();
    world.caller_says(0, 800, "I would like a table and,");
    let spoke_until = world.now + 800;
    let before = world.frames.len();
    world.run_for(1_900);
    assert_eq!(world.frames.len(), before, "1.1 s of silence after a comma");
    world.run_for(600);
    assert!(world.frames[before] >= spoke_until + 1_200);
}

#[test]
fn a_caller_who_pauses_long_is_given_more_time_from_then_on() {
    let mut world = World::greeted();
    world.caller_says(0, 600, "My number is");
    world.caller_says(1_050, 600, "five five five.");
    world.run_for(6_000);
    let spoke_until = world.now + 600;
    let before = world.frames.len();
    world.caller_says(0, 600, "That is it.");
    world.run_for(4_000);
    let delay = world.frames[before] - spoke_until;
    assert!(
        (560..=3_000).contains(&delay),
        "the caller pauses for 450 ms; waited {delay} ms"
    );
}

#[test]
fn a_quick_exchange_is_not_taken_for_a_pause() {
    let mut world = World::greeted();
    for _ in 0..3 {
        world.reply_with("Yes.");
        let spoke_until = world.now + 400;
        let before = world.frames.len();
        world.caller_says(0, 400, "Really?");
        world.run_for(1_300);
        assert_eq!(
            world.frames[before] - spoke_until,
            500,
            "the caller has never paused"
        );
    }
}

#[test]
fn a_long_sentence_is_spoken_from_its_first_clause_on() {
    let mut world = World::greeted();
    world
        .replies
        .push_back(vec![ReplyPart::Text("Certainly, madam, and ".to_owned())]);
    world.caller_says(0, 800, "Can you help?");
    world.run_for(2_500);
    assert_eq!(
        world.spoken.last().unwrap(),
        "Certainly,",
        "the model has not finished its sentence"
    );
}

#[test]
fn a_click_reaches_neither_the_recogniser_nor_the_model() {
    let mut world = World::greeted();
    world.caller_says(200, 80, "");
    world.run_for(3_000);
    assert!(world.turns_asked.is_empty());
    assert!(world.requests.is_empty());
}

#[test]
fn speech_without_words_is_asked_to_be_repeated_at_most_twice_in_a_row() {
    let mut world = World::greeted();
    for _ in 0..4 {
        world.caller_says(0, 700, "");
        world.run_for(5_000);
    }
    let sorry = world
        .agent_said()
        .iter()
        .filter(|text| text.starts_with("Sorry"))
        .count();
    assert_eq!(sorry, 2);
    assert!(world.requests.is_empty());
}

#[test]
fn what_the_model_is_told_is_what_was_heard() {
    let mut world = World::greeted();
    world.reply_with("Yes, we are open.");
    world.caller_says(0, 600, "Are you open?");
    world.run_for(3_500);
    world.caller_says(0, 600, "Thank you.");
    world.run_for(3_000);
    let told: Vec<_> = world.requests[1]
        .iter()
        .map(|line| (line.speaker, line.text.as_str()))
        .collect();
    assert_eq!(
        told,
        [
            (Speaker::Agent, "Hello."),
            (Speaker::User, "Are you open?"),
            (Speaker::Agent, "Yes, we are open."),
            (Speaker::User, "Thank you.")
        ]
    );
}

#[test]
fn the_line_of_a_turn_lies_where_the_voice_was() {
    let mut world = World::greeted();
    let from = world.now + 200;
    world.caller_says(200, 1_000, "Over here.");
    world.run_for(3_000);
    let line = world
        .lines
        .iter()
        .find(|line| line.track == Track::Caller)
        .unwrap();
    assert!(line.start_ms.abs_diff(from) <= 40, "{line:?}");
    assert!(line.end_ms.abs_diff(from + 1_000) <= 40, "{line:?}");
    assert_eq!(line.confidence, Some(0.9));
}

#[test]
fn silence_after_a_reply_is_asked_about_and_then_ends_the_call() {
    let mut world = World::greeted();
    world.run_for(9_500);
    assert_eq!(world.agent_said().last(), Some(&"Are you still there?"));
    world.run_for(20_000);
    assert_eq!(world.finished.map(|(next, _)| next), Some(Next::Hangup));
    assert_eq!(world.session.stats().ended_by, EndedBy::Silence);
    assert!(world.agent_said().last().unwrap().ends_with("Goodbye."));
}

#[test]
fn a_stalled_line_does_not_stop_the_turn() {
    let mut world = World::greeted();
    world.caller_says(0, 800, "Can you hear me?");
    world.run_for(840);
    world.silent_line = true;
    world.run_for(1_500);
    assert_eq!(world.requests.len(), 1);
    assert_eq!(world.caller_said(), ["Can you hear me?"]);
}

#[test]
fn waking_up_is_rare_while_frames_come() {
    let mut world = World::greeted();
    world.reply_with(&"This is a long reply. ".repeat(10));
    world.caller_says(0, 800, "Tell me all.");
    world.wakes = 0;
    world.run_for(10_000);
    assert!(
        world.wakes < 60,
        "frames drive the session; {} extra wake-ups",
        world.wakes
    );
}

#[test]
fn partial_words_do_not_end_a_turn() {
    let mut world = World::greeted();
    world.caller_says(0, 2_000, "I have a question about my bill.");
    for ms in [500, 900, 1_400] {
        world.at(
            world.now + ms,
            Event::Stt(SttEvent::Partial {
                text: "I have a question".to_owned(),
            }),
        );
    }
    world.run_for(1_900);
    assert!(world.turns_asked.is_empty());
    assert!(
        world.fed > 90,
        "the whole turn, and what came just before it, goes to the recogniser"
    );
}
