//! Guards against what Whisper makes up.

/// What Whisper is known to write over noise, breath and line clicks, in lower
/// case without punctuation. Believed only when there was plainly speech.
const MADE_UP: &[&str] = &[
    "you",
    "thank you",
    "thank you very much",
    "thank you for watching",
    "thanks for watching",
    "thank you so much for watching",
    "please subscribe",
    "bye",
    "bye bye",
    "so",
    "i",
    "the",
    "oh",
    "hmm",
];

/// How sure the recogniser was, for [`accept`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Evidence {
    /// Milliseconds of speech by the voice detector.
    pub(super) speech_ms: u32,
    /// Probability that there is no speech, by the recogniser itself.
    pub(super) no_speech: f32,
    /// Mean log-probability of the tokens it wrote.
    pub(super) mean_log: f32,
}

/// The words of a raw transcript: sounds in brackets and notes left out,
/// spaces made single; empty when the evidence says that nothing was said.
pub(super) fn accept(raw: &str, evidence: Evidence) -> String {
    let text = without_sounds(raw);
    let plain = plain(&text);
    let doubtful = evidence.no_speech > 0.6 && evidence.mean_log < -0.8;
    let hopeless = evidence.mean_log < -1.6;
    let suspect = MADE_UP.contains(&plain.as_str())
        && (evidence.speech_ms < 160 || evidence.no_speech > 0.4 || evidence.mean_log < -1.1);
    if plain.is_empty() || doubtful || hopeless || suspect {
        String::new()
    } else {
        text
    }
}

/// Takes out `[...]`, `(...)`, `*...*` and musical notes.
fn without_sounds(raw: &str) -> String {
    let mut text = String::with_capacity(raw.len());
    let mut closing = None;
    for letter in raw.chars() {
        match (closing, letter) {
            (Some(end), letter) if letter == end => closing = None,
            (Some(_), _) => {}
            (None, '[') => closing = Some(']'),
            (None, '(') => closing = Some(')'),
            (None, '*') => closing = Some('*'),
            (None, '♪' | '♫') => {}
            (None, letter) => text.push(letter),
        }
    }
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn plain(text: &str) -> String {
    let words = text
        .split(|c: char| !c.is_alphanumeric() && c != '\'')
        .filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join(" ").to_lowercase()
}

/// How many of the tokens to keep when their end has begun to go round in
/// circles (the last `n` tokens, `n` at least 4, repeat the `n` before them, or
/// one token came eight times): a decoder that lost the audio never finds back.
pub(super) fn repeats_from(tokens: &[usize]) -> Option<usize> {
    let length = tokens.len();
    if length >= 8
        && tokens[length - 8..]
            .iter()
            .all(|token| *token == tokens[length - 1])
    {
        return Some(length - 7);
    }
    (4..=length / 2)
        .find(|&n| tokens[length - n..] == tokens[length - 2 * n..length - n])
        .map(|n| length - n)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SURE: Evidence = Evidence {
        speech_ms: 900,
        no_speech: 0.05,
        mean_log: -0.2,
    };

    #[test]
    fn sounds_are_not_words() {
        for (raw, want) in [
            (" Yes, I can.", "Yes, I can."),
            (" [BLANK_AUDIO]", ""),
            (" (dog barks) Hello there", "Hello there"),
            (" *sighs*  fine ", "fine"),
            ("♪♪", ""),
            (" [unclosed", ""),
            (" ...", ""),
            ("", ""),
        ] {
            assert_eq!(accept(raw, SURE), want, "{raw:?}");
        }
    }

    #[test]
    fn a_stock_phrase_needs_speech_behind_it() {
        assert_eq!(accept(" Thank you.", SURE), "Thank you.");
        assert_eq!(
            accept(
                " Thank you.",
                Evidence {
                    speech_ms: 90,
                    ..SURE
                }
            ),
            ""
        );
        assert_eq!(
            accept(
                " You",
                Evidence {
                    no_speech: 0.5,
                    ..SURE
                }
            ),
            ""
        );
        let whole = accept(
            " Thank you for calling me back.",
            Evidence {
                no_speech: 0.5,
                ..SURE
            },
        );
        assert_eq!(whole, "Thank you for calling me back.");
    }

    #[test]
    fn low_confidence_is_no_text() {
        assert_eq!(
            accept(
                " Wobble",
                Evidence {
                    no_speech: 0.7,
                    mean_log: -1.0,
                    ..SURE
                }
            ),
            ""
        );
        assert_eq!(
            accept(
                " Wobble",
                Evidence {
                    mean_log: -2.0,
                    ..SURE
                }
            ),
            ""
        );
        assert_eq!(
            accept(
                " Wobble",
                Evidence {
                    mean_log: -1.0,
                    ..SURE
                }
            ),
            "Wobble"
        );
    }

    #[test]
    fn circles_are_cut() {
        assert_eq!(repeats_from(&[1, 2, 3, 4, 5, 2, 3, 4, 5]), Some(5));
        assert_eq!(
            repeats_from(&[1, 2, 3, 1, 2, 3]),
            None,
            "three tokens may be a phone number"
        );
        assert_eq!(repeats_from(&[9, 7, 7, 7, 7, 7, 7, 7, 7]), Some(2));
        assert_eq!(repeats_from(&[]), None);
    }
}
