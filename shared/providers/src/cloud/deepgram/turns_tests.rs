//! Turns against texts in every order.

use std::time::Duration;

use tokio::time::Instant;

use super::turns::Turns;
use super::wire::Heard;
use crate::stt::SttEvent;

const SECOND: u64 = 8_000;

fn text(from_s: f64, until_s: f64, text: &str) -> Heard {
    let samples = |s: f64| 8 * u64::try_from(Duration::from_secs_f64(s).as_millis()).unwrap();
    Heard {
        from: samples(from_s),
        until: samples(until_s),
        text: text.to_owned(),
        confidence: (!text.is_empty()).then_some(0.5),
        fixed: false,
        flushed: false,
    }
}

fn fixed(from_s: f64, until_s: f64, words: &str) -> Heard {
    Heard {
        fixed: true,
        ..text(from_s, until_s, words)
    }
}

fn flushed(from_s: f64, until_s: f64, words: &str) -> Heard {
    Heard {
        flushed: true,
        ..fixed(from_s, until_s, words)
    }
}

fn said(turn: u32, text: &str) -> SttEvent {
    SttEvent::Final {
        turn,
        text: text.to_owned(),
        confidence: (!text.is_empty()).then_some(0.5),
    }
}

fn partial(text: &str) -> SttEvent {
    SttEvent::Partial {
        text: text.to_owned(),
    }
}

fn soon() -> Instant {
    Instant::now() + Duration::from_secs(2)
}

#[tokio::test]
async fn a_turn_is_its_fixed_texts_and_the_flush_is_its_end() {
    let mut turns = Turns::default();
    assert_eq!(turns.hear(text(0.0, 1.0, "I would")), [partial("I would")]);
    assert_eq!(turns.hear(text(0.0, 1.0, "I would")), []);
    assert_eq!(
        turns.hear(fixed(0.0, 1.4, "I would like")),
        [partial("I would like")]
    );
    assert_eq!(
        turns.hear(text(1.4, 2.0, "some tea")),
        [partial("I would like some tea")]
    );
    assert_eq!(turns.end(7, 2 * SECOND, soon()), []);
    assert!(turns.is_waiting());
    // The flush may leave out a little of the end.
    assert_eq!(
        turns.hear(flushed(1.4, 1.9, "some tea.")),
        [said(7, "I would like some tea.")]
    );
    assert_eq!(turns.deadline(), None);
    assert_eq!(turns.hear(text(2.0, 2.5, "And")), [partial("And")]);
}

#[tokio::test]
async fn silence_ends_at_once_and_every_turn_is_answered_once() {
    let mut turns = Turns::default();
    assert_eq!(turns.end(1, 0, soon()), [said(1, "")]);
    assert_eq!(turns.hear(fixed(0.0, 1.0, "Yes")).len(), 1);
    assert_eq!(turns.end(2, SECOND, soon()), [said(2, "Yes")]);
    assert_eq!(turns.end(3, SECOND, soon()), [said(3, "")]);
    // The flush of a turn that is answered already is nobody's.
    assert_eq!(turns.hear(flushed(1.0, 1.0, "")), []);
}

#[tokio::test]
async fn texts_that_come_late_find_their_own_turn() {
    let mut turns = Turns::default();
    turns.end(1, SECOND, soon());
    assert_eq!(turns.hear(text(0.0, 1.0, "One")), []);
    turns.end(2, 2 * SECOND, soon());
    assert_eq!(turns.hear(text(2.0, 2.4, "three")), [partial("three")]);
    assert_eq!(turns.hear(flushed(0.0, 1.0, "One.")), [said(1, "One.")]);
    assert_eq!(turns.hear(flushed(1.0, 2.0, "Two.")), [said(2, "Two.")]);
    assert_eq!(turns.hear(fixed(2.0, 3.0, "Three.")), [partial("Three.")]);
}

#[tokio::test]
async fn what_is_known_must_do_in_the_end_and_what_comes_after_is_dropped() {
    let mut turns = Turns::default();
    turns.hear(text(0.0, 0.9, "Call me"));
    let deadline = soon();
    turns.end(1, SECOND, deadline);
    assert_eq!(turns.give_up(deadline - Duration::from_millis(1)), []);
    let known = SttEvent::Final {
        turn: 1,
        text: "Call me".to_owned(),
        confidence: None,
    };
    assert_eq!(turns.give_up(deadline), [known]);
    assert_eq!(turns.hear(flushed(0.0, 1.0, "Call me later.")), []);
    turns.end(2, 2 * SECOND, soon());
    assert_eq!(turns.hear(flushed(1.0, 2.0, "")), [said(2, "")]);
}

#[tokio::test]
async fn a_reset_forgets_what_was_not_yet_a_turn() {
    let mut turns = Turns::default();
    turns.hear(fixed(0.0, 0.5, "Hm"));
    turns.end(1, SECOND, soon());
    turns.reset(2 * SECOND);
    assert_eq!(turns.hear(flushed(0.5, 1.0, "hm")), [said(1, "Hm hm")]);
    assert_eq!(turns.hear(fixed(1.0, 2.0, "noise")), []);
    assert_eq!(turns.hear(text(2.0, 3.0, "Yes")), [partial("Yes")]);
    assert_eq!(turns.end(2, 3 * SECOND, soon()), []);
    assert_eq!(turns.hear(flushed(2.0, 3.0, "Yes")), [said(2, "Yes")]);
}

#[tokio::test]
async fn one_flush_answers_all_turns_before_it_and_too_many_are_not_kept() {
    let mut turns = Turns::default();
    for turn in 1..=8 {
        assert_eq!(turns.end(turn, u64::from(turn) * SECOND, soon()), []);
    }
    assert_eq!(turns.end(9, 9 * SECOND, soon()), [said(1, "")]);
    let rest = turns.hear(flushed(8.0, 9.0, "Bye"));
    assert_eq!(rest.len(), 8);
    assert_eq!(rest.last(), Some(&said(9, "Bye")));
}
