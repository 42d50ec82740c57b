//! What the caller showed, by a small list of telephone talk.

use crate::builtin::words::{find, sentences};
use crate::llm::{Line, Speaker};

const EMOTIONS: [(&str, &[&str]); 7] = [
    (
        "satisfied",
        &[
            "great|perfect|excellent|wonderful|fantastic|brilliant|amazing|awesome|lovely",
            "thank you so|very much",
            "thanks a lot",
            "happy|pleased|satisfied with|about",
            "that works",
            "sounds good|great",
            "very helpful|kind",
        ],
    ),
    (
        "relieved",
        &[
            "relief|relieved",
            "thank god|goodness|heavens",
            "glad to hear",
            "phew",
            "weight off my",
        ],
    ),
    (
        "frustrated",
        &[
            "frustrated|frustrating|ridiculous|annoying|annoyed|unbelievable|useless|fed",
            "waiting|waited ~3 minutes|hours|days|weeks|ages",
            "again and again",
            "already told|said|called|explained|asked",
            "nobody|no one ~2 help|helps|answers|called|listens",
            "still ~2 not|waiting|broken",
            "how many times",
            "waste of ~1 time",
            "sick|tired of",
        ],
    ),
    (
        "angry",
        &[
            "angry|furious|outrageous|disgusting|unacceptable|idiot|idiots|stupid|hell|damn|scam|scammers|liars",
            "stop|quit calling",
            "sue|lawyer|report you|this",
            "shut up",
            "leave me alone",
            "how dare",
        ],
    ),
    (
        "confused",
        &[
            "confused|confusing|puzzled",
            "do not understand|get|follow",
            "not sure|certain ~2 what|how|why|i",
            "what do you mean",
            "i am lost",
            "makes no sense",
            "does not make sense",
        ],
    ),
    (
        "interested",
        &[
            "interested in",
            "i am|would|be interested|keen",
            "very|quite|really interested",
            "tell me more",
            "sounds interesting",
            "how much ~3 cost|is|does",
            "sign me up",
            "i would|want like|to ~2 try|book|buy|order|know",
            "send me ~3 details|information|info|link|offer",
        ],
    ),
    (
        "worried",
        &[
            "worried|afraid|concerned|anxious|nervous|scared",
            "urgent|emergency",
        ],
    ),
];

/// The emotions shown, strongest first; equals in the order of the list.
pub(super) fn of(lines: &[Line]) -> Vec<String> {
    let said = lines.iter().filter(|line| line.speaker == Speaker::User);
    let spoken: Vec<Vec<String>> = said.flat_map(|line| sentences(&line.text)).collect();
    let mut found: Vec<(usize, &str)> = EMOTIONS
        .iter()
        .map(|(name, patterns)| (strength(&spoken, patterns), *name))
        .filter(|(n, _)| *n > 0)
        .collect();
    found.sort_by_key(|entry| std::cmp::Reverse(entry.0));
    found.into_iter().map(|(_, name)| name.to_owned()).collect()
}

/// How many patterns fit how many sentences, those behind a "not" left out.
fn strength(spoken: &[Vec<String>], patterns: &[&str]) -> usize {
    let hits = spoken.iter().flat_map(|sentence| {
        patterns
            .iter()
            .map(move |pattern| (sentence, find(pattern, sentence)))
    });
    hits.filter(|(sentence, hit)| hit.is_some_and(|(start, _)| !negated(&sentence[..start])))
        .count()
}

fn negated(before: &[String]) -> bool {
    before
        .iter()
        .rev()
        .take(3)
        .any(|word| matches!(word.as_str(), "not" | "never" | "no"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(texts: &[&str]) -> Vec<String> {
        let lines: Vec<Line> = texts
            .iter()
            .map(|text| Line {
                speaker: Speaker::User,
                text: (*text).to_owned(),
            })
            .collect();
        of(&lines)
    }

    #[test]
    fn emotions_are_found_and_ranked() {
        assert_eq!(shown(&["That's perfect, thank you so much."]), ["satisfied"]);
        assert_eq!(
            shown(&["I already told you.", "This is ridiculous.", "Are you stupid?"]),
            ["frustrated", "angry"]
        );
        assert_eq!(shown(&["I don't understand what you mean."]), ["confused"]);
        assert_eq!(shown(&["Tell me more about it"]), ["interested"]);
        assert_eq!(shown(&["Oh, that is a relief."]), ["relieved"]);
    }

    #[test]
    fn their_opposites_and_plain_talk_are_not() {
        assert!(shown(&["I'm not interested.", "It is on Tuesday.", ""]).is_empty());
        assert!(shown(&["That is not great."]).is_empty());
    }
}
