use super::super::*;
use super::world::{Event, World, failure};
use trunkline_providers::llm::ReplyPart;
use trunkline_providers::stt::SttEvent;

fn with_choices(choices: Choices) -> World {
    let mut world = World::new(SessionConfig {
        direction: Direction::Inbound,
        greeting: "Hello.".to_owned(),
        choices,
        ..SessionConfig::default()
    });
    world.run_for(1_500);
    world.choices.clear();
    world
}

fn fell_back(world: &World) -> bool {
    world.finished.is_some_and(|(next, _)| next == Next::Hangup)
        && world.session.stats().ended_by == EndedBy::Providers
}

#[test]
fn a_slow_reply_is_announced() {
    let mut world = World::greeted();
    world.llm_ms = Some(3_000);
    world.reply_with("Here it is.");
    world.caller_says(0, 700, "Look it up.");
    world.run_for(8_000);
    assert_eq!(world.agent_said()[1], "One moment, please. Here it is.");
    assert_eq!(
        world
            .spoken
            .iter()
            .filter(|text| text.starts_with("One moment"))
            .count(),
        1
    );
    world.caller_says(0, 700, "Thanks.");
    world.run_for(1_500);
    let history = world.requests.last().unwrap();
    assert!(
        history.iter().all(|line| !line.text.contains("One moment")),
        "a filler is not part of the conversation"
    );
}

#[test]
fn a_slow_recogniser_is_covered_by_the_filler_too() {
    let mut world = World::greeted();
    world.stt_ms = Some(3_500);
    world.caller_says(0, 900, "Hello there.");
    world.run_for(3_300);
    assert_eq!(world.spoken.last().unwrap(), "One moment, please.");
    world.run_for(4_000);
    assert_eq!(world.requests.len(), 1);
}

#[test]
fn a_failing_model_is_replaced_by_the_next_one() {
    let mut world = with_choices(Choices {
        llm: 2,
        ..Choices::default()
    });
    world.llm_fails = vec![0];
    world.caller_says(0, 700, "Hello?");
    world.run_for(3_500);
    let used: Vec<_> = world
        .choices
        .iter()
        .filter(|(part, _)| *part == "llm")
        .map(|(_, choice)| *choice)
        .collect();
    assert_eq!(used, [0, 1]);
    assert_eq!(world.agent_said()[1], "I see. Go on.");
    let written = &world.session.stats().work.written;
    assert_eq!(*written, [0, 13], "only who wrote is paid");
}

#[test]
fn without_any_model_the_agent_says_so_and_ends_the_call() {
    let mut world = with_choices(Choices::default());
    world.llm_fails = (0..10).collect();
    world.caller_says(0, 700, "Hello?");
    world.run_for(12_000);
    assert!(fell_back(&world));
    assert_eq!(world.requests.len(), 2, "one more try, and no more");
    assert!(world.agent_said().last().unwrap().contains("technical problem"));
}

#[test]
fn a_model_that_hangs_is_given_up_after_six_seconds() {
    let mut world = with_choices(Choices {
        llm: 2,
        ..Choices::default()
    });
    world.llm_ms = None;
    world.caller_says(0, 700, "Hello?");
    world.run_for(6_900);
    assert_eq!(world.requests.len(), 1);
    world.llm_ms = Some(30);
    world.run_for(3_000);
    assert_eq!(world.requests.len(), 2);
    assert!(
        world
            .agent_said()
            .iter()
            .any(|text| text.ends_with("I see. Go on."))
    );
}

#[test]
fn a_model_that_breaks_off_is_spoken_as_far_as_it_came() {
    let mut world = with_choices(Choices::default());
    world.replies.push_back(vec![
        ReplyPart::Text("The answer is yes".to_owned()),
        ReplyPart::Failed(failure()),
    ]);
    world.caller_says(0, 700, "Is it so?");
    world.run_for(4_000);
    assert_eq!(world.agent_said()[1], "The answer is yes");
    assert!(world.finished.is_none());
}

#[test]
fn a_model_that_says_nothing_does_not_leave_the_line_dead() {
    let mut world = with_choices(Choices::default());
    world.replies.push_back(vec![ReplyPart::Done]);
    world.caller_says(0, 700, "Well?");
    world.run_for(5_000);
    assert!(world.agent_said()[1].starts_with("Sorry"));
}

#[test]
fn a_failing_voice_is_replaced_and_the_sentence_is_said_by_the_next() {
    let mut world = with_choices(Choices {
        tts: 2,
        ..Choices::default()
    });
    world.tts_fails = vec![1];
    world.reply_with("Just this.");
    world.caller_says(0, 700, "Hello?");
    world.run_for(4_000);
    assert_eq!(world.spoken, ["Hello.", "Just this.", "Just this."]);
    assert_eq!(world.session.stats().work.spoken, [6, 10]);
    assert_eq!(world.agent_said()[1], "Just this.");
}

#[test]
fn without_any_voice_the_call_does_not_stay_dead() {
    let mut world = with_choices(Choices::default());
    world.tts_fails = (1..20).collect();
    world.caller_says(0, 700, "Hello?");
    world.run_for(4_000);
    assert!(fell_back(&world));
}

#[test]
fn a_recogniser_that_breaks_is_replaced_and_the_caller_is_asked_again() {
    let mut world = with_choices(Choices {
        stt: 2,
        ..Choices::default()
    });
    world.stt_ms = None;
    world.caller_says(0, 900, "This is lost.");
    world.at(world.now + 1_300, Event::Stt(SttEvent::Failed(failure())));
    world.run_for(2_000);
    world.stt_ms = Some(50);
    assert_eq!(world.choices[0], ("stt", 1));
    world.run_for(4_000);
    assert!(world.agent_said()[1].starts_with("Sorry"));
    world.caller_says(0, 900, "This is heard.");
    world.run_for(3_000);
    assert_eq!(world.caller_said(), ["This is heard."]);
    world.at(world.now, Event::Stop);
    world.run_for(5_000);
    let stats = world.session.stats();
    let [first, second] = stats.work.heard_ms[..] else {
        panic!("{:?}", stats.work)
    };
    assert!(first > 2_000 && second > 7_000, "{:?}", stats.work);
    assert_eq!(first + second, stats.duration_ms);
}

#[test]
fn a_recogniser_that_never_answers_leads_to_the_goodbye() {
    let mut world = with_choices(Choices::default());
    world.stt_ms = None;
    world.caller_says(0, 900, "one");
    world.caller_says(12_000, 900, "two");
    world.run_for(40_000);
    assert!(fell_back(&world));
    assert_eq!(world.session.stats().failures[0], 2);
    assert!(world.agent_said().last().unwrap().contains("technical problem"));
}
