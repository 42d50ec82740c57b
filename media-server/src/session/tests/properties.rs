use proptest::prelude::*;
use trunkline_providers::llm::{Action, ReplyPart};
use trunkline_providers::stt::SttEvent;
use trunkline_providers::tts::TtsPart;

use super::super::*;
use super::world::{Event, World, failure};
use crate::audio::{FRAME, FRAME_MS};

const TEXTS: &[&str] = &[
    "",
    "no",
    "okay",
    "I want to know the price.",
    "and, um",
    "stop calling me",
    "yes please, tell me more about it",
];
const REPLIES: &[&str] = &[
    "Sure.",
    "Well, let me see. It is $29.99 a month. Is that fine?",
    "",
    "A long sentence that goes on and on without any stop whatsoever until it ends",
];

fn config(max_duration_ms: u64, machine: MachinePolicy, outbound: bool) -> SessionConfig {
    let mut config = SessionConfig {
        direction: if outbound {
            Direction::Outbound
        } else {
            Direction::Inbound
        },
        greeting: "Hello, this is Anna from Acme.".to_owned(),
        machine,
        // Both ways to transfer are told.
        handover: if outbound { People::Some } else { People::None },
        opt_out: |text| text.contains("stop calling"),
        choices: Choices {
            stt: 2,
            llm: 2,
            tts: 2,
        },
        ..SessionConfig::default()
    };
    config.timings.max_duration_ms = max_duration_ms;
    config
}

/// A whole random call in a world that answers.
#[derive(Debug, Clone)]
struct Story {
    utterances: Vec<(u64, u64, usize)>,
    replies: Vec<(usize, u8)>,
    latencies: [Option<u64>; 3],
    fails: [Vec<usize>; 2],
    loses_marks: bool,
    events: Vec<(u64, u8)>,
    outbound: bool,
}

fn story() -> impl Strategy<Value = Story> {
    let latency = || prop_oneof![4 => (0_u64..3_000).prop_map(Some), 1 => Just(None)];
    (
        prop::collection::vec((0_u64..4_000, 20_u64..3_000, 0..TEXTS.len()), 0..12),
        prop::collection::vec((0..REPLIES.len(), 0_u8..8), 0..10),
        [latency(), latency(), latency()],
        [
            prop::collection::vec(0_usize..12, 0..4),
            prop::collection::vec(0_usize..12, 0..4),
        ],
        any::<bool>(),
        prop::collection::vec((0_u64..40_000, 0_u8..8), 0..3),
        any::<bool>(),
    )
        .prop_map(
            |(utterances, replies, latencies, fails, loses_marks, events, outbound)| Story {
                utterances,
                replies,
                latencies,
                fails,
                loses_marks,
                events,
                outbound,
            },
        )
}

fn play(story: &Story, max_ms: u64) -> World {
    let mut world = World::new(config(max_ms, MachinePolicy::LeaveMessage, story.outbound));
    [world.stt_ms, world.llm_ms, world.tts_ms] = story.latencies;
    [world.llm_fails, world.tts_fails] = story.fails.clone();
    world.loses_marks = story.loses_marks;
    let mut at = 0;
    for (gap, lasting, text) in &story.utterances {
        world.caller_says(at + gap, *lasting, TEXTS[*text]);
        at += gap + lasting;
    }
    for (reply, action) in &story.replies {
        let mut parts = vec![ReplyPart::Text(REPLIES[*reply].to_owned())];
        match action {
            0 => parts.push(ReplyPart::Action(Action::Hangup)),
            1 => parts.push(ReplyPart::Action(Action::TransferToHuman)),
            2 => parts.push(ReplyPart::Action(Action::OptOut)),
            3 => parts.push(ReplyPart::Failed(failure())),
            _ => {}
        }
        parts.push(ReplyPart::Done);
        world.replies.push_back(parts);
    }
    for (at, kind) in &story.events {
        let event = match kind {
            0 => Event::Stop,
            1 => Event::Lost,
            2 => Event::Key('9'),
            3 => Event::Amd(Answerer::Machine),
            4 => Event::Amd(Answerer::MachineReady),
            5 => Event::Amd(Answerer::Human),
            6 => Event::NobodyCame,
            _ => Event::Stt(SttEvent::Failed(failure())),
        };
        world.at(*at, event);
    }
    world.run_for(max_ms + 60_000);
    world
}

fn words(texts: &[impl AsRef<str>]) -> Vec<String> {
    texts
        .iter()
        .flat_map(|text| {
            text.as_ref()
                .split_whitespace()
                .map(str::to_owned)
                .collect::<Vec<_>>()
        })
        .collect()
}

fn is_subsequence(part: &[String], whole: &[String]) -> bool {
    let mut rest = whole.iter();
    part.iter().all(|word| rest.any(|other| other == word))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(if cfg!(debug_assertions) { 96 } else { 512 }))]

    #[test]
    fn any_call_ends_in_time_with_its_lines_in_order_and_nothing_invented(story in story()) {
        // The world itself asserts: never further ahead than the lead, nothing after
        // the finish, no timeout in the past.
        let max = 40_000;
        let world = play(&story, max);
        let (_, at) = world.finished.expect("it ends");
        prop_assert!(at <= max + 20_000, "ended at {at}");

        let keys: Vec<_> = world.lines.iter().map(|line| (line.start_ms, line.track)).collect();
        prop_assert!(keys.windows(2).all(|pair| pair[0].0 < pair[1].0), "{keys:?}");
        prop_assert!(world.lines.iter().all(|line| line.start_ms <= line.end_ms && line.end_ms <= at + 200));

        // What is said to have been heard was spoken, in that order; a trimmed end is missing.
        prop_assert!(is_subsequence(&words(&world.agent_said()), &words(&world.spoken)));
        prop_assert!(world.opt_outs.len() <= 1);
        prop_assert!(world.wakes < 6_000, "{} wake-ups", world.wakes);
        prop_assert!(world.session.next_timeout().is_none());
    }

    #[test]
    fn without_interruption_or_failure_every_spoken_word_is_heard(replies in prop::collection::vec(0..REPLIES.len(), 1..4), outbound: bool) {
        let mut world = World::new(config(300_000, MachinePolicy::Ignore, outbound));
        for reply in &replies {
            world.reply_with(REPLIES[*reply]);
        }
        world.run_for(6_000);
        for _ in &replies {
            world.caller_says(0, 900, "Tell me something.");
            world.run_for(9_000);
        }
        world.run_for(60_000);
        prop_assert!(world.finished.is_some(), "silence ends it");
        prop_assert_eq!(words(&world.agent_said()), words(&world.spoken));
        prop_assert!(world.clears.is_empty());
    }

    #[test]
    fn no_sequence_of_inputs_breaks_the_rules(steps in prop::collection::vec((0_u64..800, 0_u8..16, 0_u32..12, 0..TEXTS.len()), 0..400)) {
        let max = 20_000;
        let mut session = Session::new(config(max, MachinePolicy::LeaveMessage, true));
        let mut now = 0;
        let mut finished = None;
        let mut last_line = None;
        let ends = [(max + 20_000, 15, 0, 0)];
        for (step, kind, id, text) in steps.into_iter().chain(ends) {
            now += step;
            let text = TEXTS[text].to_owned();
            let frame = [0_i16; FRAME];
            let input = match kind {
                0 => Input::Start,
                1..=3 => Input::Media { frame: &frame, speech: if id < 6 { 0.0 } else { 1.0 } },
                4 => Input::Mark { id },
                5 => Input::Dtmf(if id == 9 { '9' } else { '1' }),
                6 => Input::Stt(SttEvent::Final { turn: id, text, confidence: None }),
                7 => Input::Stt(SttEvent::Partial { text }),
                8 => Input::Reply { id, part: ReplyPart::Text(text) },
                9 => Input::Reply { id, part: if id % 2 == 0 { ReplyPart::Done } else { ReplyPart::Failed(failure()) } },
                10 => Input::Speech { id, part: TtsPart::Audio(vec![1; text.len() * 333]) },
                11 => Input::Speech { id, part: if id % 3 == 0 { TtsPart::Failed(failure()) } else { TtsPart::Done } },
                12 => Input::Reply { id, part: ReplyPart::Action(Action::TransferToHuman) },
                13 if id == 0 => Input::Stop,
                13 if id == 1 => Input::Lost,
                13 => Input::NobodyCame,
                14 => Input::Amd(if id < 8 { Answerer::Human } else { Answerer::Machine }),
                _ => Input::Timeout,
            };
            session.handle(if kind == 0 && step == 0 { 0 } else { now }, input);
            while let Some(output) = session.poll_output() {
                prop_assert!(finished.is_none(), "nothing after the finish, but {output:?}");
                if let Output::Audio { at_ms, .. } = output {
                    prop_assert!(at_ms + FRAME_MS <= now + 100);
                } else if let Output::Line(line) = output {
                    prop_assert!(last_line < Some(line.start_ms), "lines go forward");
                    last_line = Some(line.start_ms);
                } else if let Output::Finish(next) = output {
                    finished = Some(next);
                }
            }
            prop_assert!(session.next_timeout().is_none_or(|at| at > now));
        }
        let started = session.stats().duration_ms > 0 || finished.is_some();
        prop_assert_eq!(session.is_finished(), started);
        prop_assert!(session.is_finished() || session.next_timeout().is_none(), "only a session that never started is still there");
    }
}
