//! Who is told what, when people come and go.

use super::{
    model::{Change, Outcome, Phase},
    state::State,
};
use crate::{
    clock,
    twiml::{Conference, Method, Target},
};

fn settings() -> Conference {
    let url = "http://127.0.0.1/conf".parse().unwrap();
    let events = ["start", "end", "join", "leave", "mute", "hold", "modify"]
        .map(str::to_owned)
        .to_vec();
    Conference {
        callback: Some(Target {
            url,
            method: Method::Post,
        }),
        callback_events: events,
        ..Conference::named("call_1")
    }
}

fn names(outcome: &Outcome) -> Vec<&'static str> {
    outcome.told.iter().map(|told| told.event.name()).collect()
}

fn two() -> State {
    let now = clock::now();
    let mut state = State::new(now);
    state.join("CA1", "+1", &settings(), 0, now);
    state.join("CA2", "+2", &Conference::named("call_1"), 5, now);
    state
}

#[test]
fn it_starts_with_the_second_participant_and_ends_with_the_last() {
    let now = clock::now();
    let mut state = State::new(now);
    assert_eq!(
        names(&state.join("CA1", "+1", &settings(), 0, now)),
        ["participant-join"]
    );
    let second = state.join("CA2", "+2", &Conference::named("call_1"), 5, now);
    assert_eq!(names(&second), ["participant-join", "conference-start"]);
    assert_eq!(second.told.iter().map(|t| t.sequence).collect::<Vec<_>>(), [2, 3]);
    assert_eq!(names(&state.leave("CA1", 9, now)), ["participant-leave"]);
    let last = state.leave("CA2", 9, now);
    assert_eq!(names(&last), ["participant-leave", "conference-end"]);
    assert_eq!(last.told[1].reason, Some("last-participant-left"));
    assert_eq!(state.phase, Phase::Completed);
}

#[test]
fn it_waits_for_one_that_may_start_it() {
    let now = clock::now();
    let mut state = State::new(now);
    let waits = Conference {
        start_on_enter: false,
        ..settings()
    };
    state.join("CA1", "+1", &waits, 0, now);
    state.join("CA2", "+2", &waits, 0, now);
    assert_eq!(state.phase, Phase::Init);
    assert_eq!(
        names(&state.join("CA3", "+3", &settings(), 0, now)),
        ["participant-join", "conference-start"]
    );
}

#[test]
fn one_that_ends_it_on_exit_takes_the_others_along() {
    let now = clock::now();
    let mut state = two();
    state.change(
        "CA1",
        Change {
            end_on_exit: Some(true),
            ..Change::default()
        },
        now,
    );
    let outcome = state.leave("CA1", 9, now);
    assert_eq!(
        names(&outcome),
        ["participant-leave", "participant-leave", "conference-end"]
    );
    assert_eq!(
        (outcome.leave, state.ended_by.as_deref()),
        (vec!["CA2".to_owned()], Some("CA1"))
    );
}

#[test]
fn changes_are_told_once_and_only_when_something_changes() {
    let now = clock::now();
    let mut state = two();
    let mute = || Change {
        muted: Some(true),
        ..Change::default()
    };
    assert_eq!(names(&state.change("CA2", mute(), now)), ["participant-mute"]);
    assert!(names(&state.change("CA2", mute(), now)).is_empty());
    let hold = Change {
        hold: Some(true),
        muted: Some(false),
        ..Change::default()
    };
    assert_eq!(
        names(&state.change("CA2", hold, now)),
        ["participant-unmute", "participant-hold"]
    );
    let coach = Change {
        coaching: Some(true),
        coach: Some("CA1".into()),
        ..Change::default()
    };
    assert_eq!(names(&state.change("CA2", coach, now)), ["participant-modify"]);
    assert!(names(&state.change("CA9", mute(), now)).is_empty());
}

#[test]
fn a_participant_that_never_answers_leaves_no_trace() {
    let now = clock::now();
    let mut state = State::new(now);
    state.expect("CA1", "+1", &settings(), now);
    let outcome = state.leave("CA1", 0, now);
    assert!(outcome.told.is_empty());
    assert_eq!(state.phase, Phase::Completed);
    assert_eq!(state.join("CA2", "+2", &settings(), 0, now).leave, ["CA2"]);
}

#[test]
fn the_api_ends_it() {
    let mut state = two();
    let outcome = state.end(clock::now());
    assert_eq!(
        names(&outcome),
        ["participant-leave", "participant-leave", "conference-end"]
    );
    assert_eq!(outcome.leave.len(), 2);
    assert!(state.end(clock::now()).told.is_empty());
}
