//! What the simulated people say. All lines are fixed texts, so that a voice is made for each only once.

use crate::dice::Dice;

const HELLOS: [&str; 3] = ["Hello?", "Hello, who is this?", "Yes, hello?"];
const ANSWERS: [&str; 4] = [
    "Yes, I have a minute. What is it about?",
    "Okay, I am listening.",
    "Yes, that is me. How can I help you?",
    "Sure, go ahead please.",
];
const QUESTIONS: [&str; 4] = [
    "What are your opening hours?",
    "How much does it cost?",
    "Where are you located?",
    "How long does it take?",
];
const AGREEMENTS: [&str; 3] = [
    "Okay, that sounds good to me.",
    "Yes, let us do that.",
    "All right, that works for me.",
];
const GOODBYES: [&str; 3] = [
    "Thank you very much. Goodbye.",
    "Great, thanks a lot. Bye.",
    "Thank you for calling. Goodbye.",
];

/// Said by a machine; about 3 s long.
pub(super) const GREETING: &str = "Hi, you have reached us. Please leave a message after the tone.";
/// Said when nobody speaks.
pub(super) const NUDGE: &str = "Hello? Are you still there?";
/// Said in the middle of the agent's sentence.
pub(super) const INTERRUPTIONS: [&str; 3] = [
    "Wait, wait, hold on a second.",
    "Sorry, I have a question. How much does it cost?",
    "No, let me stop you there.",
];
/// Broken off by hanging up.
pub(super) const BROKEN_OFF: &str =
    "Well, you know, I was just about to say that I really do not think this is";

/// How the phone is picked up.
pub(super) fn hello(dice: &mut Dice) -> &'static str {
    dice.pick(&HELLOS).unwrap_or(NUDGE)
}

/// What a friendly person says after each of the agent's turns; the last line is the goodbye.
pub(super) fn friendly(dice: &mut Dice) -> Vec<&'static str> {
    let mut lines: Vec<&'static str> = dice.pick(&ANSWERS).into_iter().collect();
    let first = dice.between(0, 3);
    for n in 0..dice.between(1, 2) {
        let index = usize::try_from(first + n).unwrap_or(0) % QUESTIONS.len();
        lines.extend(QUESTIONS.get(index));
    }
    lines.extend(dice.pick(&AGREEMENTS));
    lines.extend(dice.pick(&GOODBYES));
    lines
}

/// Somebody who will not talk to a machine.
pub(super) fn wants_human() -> Vec<&'static str> {
    vec![
        "I want to speak to a real person, please.",
        "Please connect me to a human.",
        "Okay, thank you for your help.",
        "Thank you. Goodbye.",
    ]
}

/// Somebody who wants no more calls.
pub(super) fn wants_peace() -> Vec<&'static str> {
    vec![
        "Please stop calling me. Take me off your list.",
        "Do not call me again. Goodbye.",
    ]
}
