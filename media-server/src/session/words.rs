//! What the words say about turns: unfinished thoughts and listening noises.

/// Words that a thought does not end on, whatever the recogniser puts after them.
const NEVER_LAST: &[&str] = &[
    "and", "but", "or", "because", "um", "uh", "uhm", "er", "erm", "the", "a", "an", "my", "your", "if",
    "whereas",
];

/// Words that a thought seldom ends on; a full stop after them is believed.
const SELDOM_LAST: &[&str] = &[
    "to", "of", "is", "are", "was", "with", "for", "that", "so", "like", "i", "at", "in", "from", "well",
    "then", "when", "which", "who",
];

/// Noises of somebody who listens and does not want the turn.
const BACKCHANNELS: &[&str] = &[
    "uh", "huh", "uhhuh", "mm", "mhm", "mmhm", "mmhmm", "hm", "hmm", "yeah", "yep", "yes", "ok", "okay",
    "right", "sure", "aha", "ah", "oh", "alright", "see", "i", "got", "it",
];

/// Whether more is likely to come: a comma, "and", "um".
///
/// Callers who pause there are given more time before the agent answers.
#[must_use]
pub fn is_unfinished(text: &str) -> bool {
    let text = text.trim_end();
    if text.ends_with([',', ';', ':', '-', '–', '—', '…']) || text.ends_with("...") {
        return true;
    }
    let Some(last) = words(text).last() else {
        return false;
    };
    NEVER_LAST.contains(&last.as_str())
        || (!text.ends_with(['.', '?', '!']) && SELDOM_LAST.contains(&last.as_str()))
}

/// Whether this is only a listener's "uh-huh" or "okay, I see".
///
/// No words at all are not a backchannel: nothing is known about them yet.
#[must_use]
pub fn is_backchannel(text: &str) -> bool {
    let mut count = 0;
    let all = words(text).all(|word| {
        count += 1;
        BACKCHANNELS.contains(&word.as_str())
    });
    all && (1..=3).contains(&count)
}

/// Whether the text has a word at all.
#[must_use]
pub fn has_words(text: &str) -> bool {
    text.chars().any(char::is_alphanumeric)
}

/// The part of a text that fits into `heard` of its `whole` duration, cut at a
/// word: what somebody who was cut short has really said.
#[must_use]
pub fn trim_to(text: &str, heard: u64, whole: u64) -> &str {
    let text = text.trim();
    // The last syllable's tail is often silence: a word within 2 % of the end counts.
    if whole == 0 || heard >= whole - whole / 50 {
        return if whole == 0 { "" } else { text };
    }
    let chars = u64::try_from(text.chars().count()).unwrap_or(u64::MAX);
    let keep = usize::try_from(chars.saturating_mul(heard) / whole).unwrap_or(usize::MAX);
    let mut end = 0;
    for (seen, (at, ch)) in text.char_indices().enumerate() {
        if seen > keep {
            break;
        }
        if ch.is_whitespace() {
            end = at;
        }
    }
    text[..end].trim_end()
}

fn words(text: &str) -> impl Iterator<Item = String> {
    text.split(|ch: char| ch.is_whitespace() || matches!(ch, ',' | '.' | '?' | '!' | ';' | ':' | '…'))
        .map(|word| {
            word.chars()
                .filter(|ch| ch.is_alphanumeric())
                .flat_map(char::to_lowercase)
                .collect::<String>()
        })
        .filter(|word| !word.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_comma_an_and_or_an_um_mean_that_more_comes() {
        for text in [
            "I would like,",
            "I want it and",
            "It is, um",
            "I want it and.",
            "because",
            "so I told the",
            "Well...",
        ] {
            assert!(is_unfinished(text), "{text}");
        }
        for text in [
            "Yes.",
            "What is that for?",
            "That is what it is.",
            "",
            "Tomorrow at five",
            "no",
        ] {
            assert!(!is_unfinished(text), "{text}");
        }
        assert!(is_unfinished("I want to go to"));
    }

    #[test]
    fn listening_noises_are_backchannels_and_answers_are_not() {
        for text in ["Uh-huh.", "mm-hmm", "Okay.", "yeah, yeah", "I see.", "Oh, okay"] {
            assert!(is_backchannel(text), "{text}");
        }
        for text in [
            "",
            "...",
            "no",
            "Okay, stop",
            "yes I want that",
            "what",
            "yeah yeah yeah yeah",
        ] {
            assert!(!is_backchannel(text), "{text}");
        }
    }

    #[test]
    fn what_was_said_is_cut_at_a_whole_word() {
        let text = "one two three four";
        assert_eq!(trim_to(text, 0, 1000), "");
        assert_eq!(trim_to(text, 500, 1000), "one two");
        assert_eq!(trim_to(text, 990, 1000), text);
        assert_eq!(trim_to(text, 1000, 1000), text);
        assert_eq!(trim_to("grüße über äther", 700, 1000), "grüße über");
        assert_eq!(trim_to(text, 10, 0), "");
    }
}
