use super::*;

const LEAD: u64 = 100;

fn say(playout: &mut Playout, text: &str, ms: usize) {
    playout.open(text.to_owned(), Kind::Reply);
    playout.push(&vec![1000; ms * 8]);
    playout.complete();
}

/// Sends all that the pace allows; answers frames and marks.
fn pump(playout: &mut Playout, now: u64) -> (usize, Vec<u32>) {
    let (mut frames, mut marks) = (0, Vec::new());
    while let Some(send) = playout.next(now, LEAD) {
        match send {
            Send::Frame { at_ms, .. } => {
                assert!(
                    at_ms + FRAME_MS <= now + LEAD,
                    "never further ahead than the lead"
                );
                frames += 1;
            }
            Send::Mark(id) => marks.push(id),
        }
    }
    (frames, marks)
}

#[test]
fn the_pace_is_real_time_with_a_lead_of_five_frames() {
    let mut playout = Playout::default();
    say(&mut playout, "hello", 1_000);
    assert_eq!(pump(&mut playout, 0).0, 5);
    assert_eq!(pump(&mut playout, 10).0, 0);
    assert_eq!(pump(&mut playout, 20).0, 1);
    assert_eq!(pump(&mut playout, 100).0, 4);
    assert_eq!(playout.end_ms(), 200);
}

#[test]
fn the_mark_follows_the_last_frame_and_its_return_means_heard() {
    let mut playout = Playout::default();
    say(&mut playout, "hello", 70);
    let (frames, marks) = pump(&mut playout, 0);
    assert_eq!(
        (frames, marks.len()),
        (4, 1),
        "70 ms are filled up to four frames"
    );
    assert!(playout.pop_heard(500, 1_000).is_none());
    playout.acked(marks[0]);
    let (chunk, lost) = playout.pop_heard(500, 1_000).unwrap();
    assert_eq!((chunk.heard(), lost), ("hello", false));
    assert!(playout.is_empty());
}

#[test]
fn a_lost_mark_is_made_up_for_by_the_estimate() {
    let mut playout = Playout::default();
    say(&mut playout, "one", 60);
    assert_eq!(pump(&mut playout, 0).1.len(), 1);
    assert_eq!(playout.heard_at(1_000), Some(1_060));
    assert!(playout.pop_heard(1_059, 1_000).is_none());
    assert!(playout.pop_heard(1_060, 1_000).unwrap().1);
}

#[test]
fn a_later_mark_confirms_the_pieces_before_it() {
    let mut playout = Playout::default();
    say(&mut playout, "one", 40);
    say(&mut playout, "two", 40);
    let marks = pump(&mut playout, 0).1;
    playout.acked(marks[1]);
    assert_eq!(playout.pop_heard(0, 1_000).unwrap().0.heard(), "one");
    assert_eq!(playout.pop_heard(0, 1_000).unwrap().0.heard(), "two");
}

#[test]
fn what_was_taken_back_is_said_again_from_the_same_place() {
    let mut playout = Playout::default();
    playout.open("a b".to_owned(), Kind::Reply);
    let ramp: Vec<i16> = (0..1_600).map(|n| n * 16).collect();
    playout.push(&ramp);
    playout.complete();
    let mut all = Vec::new();
    while let Some(Send::Frame { frame, .. }) = playout.next(0, LEAD) {
        all.push(frame);
    }
    // 30 ms were played: 3 whole frames of the 5 are unplayed.
    playout.take_back(30);
    assert_eq!(playout.end_ms(), 30);
    let Some(Send::Frame { frame, at_ms, .. }) = playout.next(2_000, LEAD) else {
        panic!("resumes")
    };
    assert_eq!(frame, all[2], "the frame that was being played is not repeated");
    assert_eq!(at_ms, 2_000);
}

#[test]
fn taking_back_reaches_over_a_piece_that_was_sent_whole() {
    let mut playout = Playout::default();
    say(&mut playout, "one", 40);
    say(&mut playout, "two", 40);
    let first = pump(&mut playout, 0).1;
    assert_eq!(first.len(), 2);
    playout.take_back(0);
    playout.acked(first[0]);
    assert!(
        playout.pop_heard(10, 1_000).is_none(),
        "a mark that the clear returned proves nothing"
    );
    let (frames, again) = pump(&mut playout, 1_000);
    assert_eq!((frames, again.len()), (4, 2));
    assert!(!first.contains(&again[0]));
}

#[test]
fn an_interrupted_piece_is_trimmed_to_the_words_that_were_played() {
    let mut playout = Playout::default();
    say(&mut playout, "one two three four", 1_000);
    for now in (0..500).step_by(20) {
        pump(&mut playout, now);
    }
    playout.take_back(500);
    let chunks: Vec<_> = playout.abandon().collect();
    assert_eq!(chunks[0].heard(), "one two");
    assert!(playout.is_empty());
    assert_eq!(playout.unsent_ms(), 0);
}

#[test]
fn a_piece_without_audio_is_never_heard_and_never_waited_for() {
    let mut playout = Playout::default();
    say(&mut playout, "…", 0);
    assert_eq!(pump(&mut playout, 0), (0, vec![]));
    assert!(playout.is_empty());
}

#[test]
fn a_slow_voice_starts_the_clock_again_after_a_gap() {
    let mut playout = Playout::default();
    playout.open("slow".to_owned(), Kind::Reply);
    playout.push(&[0; 160]);
    assert_eq!(pump(&mut playout, 0).0, 1);
    assert!(!playout.is_ready());
    playout.push(&[0; 160]);
    assert_eq!(
        playout
            .next(500, LEAD)
            .map(|send| matches!(send, Send::Frame { at_ms: 500, .. })),
        Some(true)
    );
}
