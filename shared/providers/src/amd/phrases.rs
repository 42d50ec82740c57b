//! What machines say.

/// Phrases that no person who picks up says, in plain lower-case words.
const MACHINE: &[&str] = &[
    "leave a message",
    "leave me a message",
    "leave us a message",
    "leave your message",
    "leave a detailed message",
    "leave your name",
    "leave a voicemail",
    "after the beep",
    "after the tone",
    "at the tone",
    "at the beep",
    "record your message",
    "you have reached",
    "you've reached",
    "you reached the voicemail",
    "is not available",
    "are not available",
    "not available right now",
    "can't come to the phone",
    "cannot come to the phone",
    "can't take your call",
    "cannot take your call",
    "unable to take your call",
    "unable to answer",
    "can't answer the phone",
    "get back to you as soon",
    "return your call",
    "call you back as soon",
    "forwarded to voicemail",
    "forwarded to an automatic",
    "automatic voice message",
    "automated voice messaging",
    "mailbox is full",
    "when you have finished recording",
];

/// Whether the words heard so far are a machine's greeting.
#[must_use]
pub fn is_machine_greeting(text: &str) -> bool {
    let plain = plain(text);
    MACHINE
        .iter()
        .any(|phrase| plain.contains(&format!(" {phrase} ")))
}

/// Lower case, single spaces, no punctuation, a space at both ends.
fn plain(text: &str) -> String {
    let letters = text.chars().map(|c| if c == '\u{2019}' { '\'' } else { c });
    let spaced: String = letters
        .map(|c| if c.is_alphanumeric() || c == '\'' { c } else { ' ' })
        .collect();
    format!(
        " {} ",
        spaced
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ")
            .to_lowercase()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn machines_give_themselves_away_and_people_do_not() {
        for machine in [
            "Hi, you've reached Anna. Please leave a message after the beep.",
            "Your call has been forwarded to an automatic voice message system.",
            "The person you are trying to reach is not available.",
            "Sorry I can\u{2019}t come to the phone right now",
            "The mailbox is full, goodbye.",
        ] {
            assert!(is_machine_greeting(machine), "{machine}");
        }
        for person in [
            "Hello?",
            "Yes, this is Anna.",
            "Who is calling?",
            "",
            "I left a message yesterday",
            "He's not in.",
        ] {
            assert!(!is_machine_greeting(person), "{person}");
        }
    }
}
