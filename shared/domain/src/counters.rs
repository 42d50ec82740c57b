//! What a call adds to the totals. Every write that changes it applies new − old,
//! so deletes and late analysis keep the totals exact.

use std::collections::BTreeMap;

use crate::{Call, CallStatus, Outcome};

/// Named sums; money in micro-dollars, times in seconds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counters(pub BTreeMap<&'static str, i64>);

/// Ended calls.
pub const CALLS: &str = "calls";
/// Seconds of all ended calls.
pub const DURATION_S: &str = "duration_s";
/// Seconds of all ended calls from the dialling on.
pub const ELAPSED_S: &str = "elapsed_s";
/// Cost of all ended calls, in micro-dollars.
pub const COST_MICROS: &str = "cost_micros";
/// The carrier's share of it.
pub const COST_TELEPHONY: &str = "c_tel";
/// The share of speech to text.
pub const COST_STT: &str = "c_stt";
/// The share of language models.
pub const COST_LLM: &str = "c_llm";
/// The share of text to speech.
pub const COST_TTS: &str = "c_tts";
/// Ended calls with a recording.
pub const RECORDINGS: &str = "recordings";
/// Answered calls in which nobody came for whoever answered.
pub const ABANDONED: &str = "abandoned";
/// Answered calls that an AI agent handed to a person.
pub const TRANSFERRED: &str = "transferred";
/// Analysed calls in a good mood.
pub const POSITIVE: &str = "s_positive";
/// Analysed calls in no particular mood.
pub const NEUTRAL: &str = "s_neutral";
/// Analysed calls in a bad mood.
pub const NEGATIVE: &str = "s_negative";

/// The emotions that are told apart, with the names of their counters; an analysis that finds another
/// one counts as the last.
pub const EMOTIONS: [(&str, &str); 12] = [
    ("satisfied", "e_satisfied"),
    ("relieved", "e_relieved"),
    ("frustrated", "e_frustrated"),
    ("angry", "e_angry"),
    ("confused", "e_confused"),
    ("interested", "e_interested"),
    ("worried", "e_worried"),
    ("happy", "e_happy"),
    ("sad", "e_sad"),
    ("surprised", "e_surprised"),
    ("neutral", "e_neutral"),
    ("other", OTHER_EMOTION),
];
const OTHER_EMOTION: &str = "e_other";

/// Every outcome, for sums over all.
pub const OUTCOMES: [Outcome; 7] = [
    Outcome::Answered,
    Outcome::Voicemail,
    Outcome::NoAnswer,
    Outcome::Busy,
    Outcome::Failed,
    Outcome::Cancelled,
    Outcome::Unknown,
];

impl Counters {
    /// What must be added to go from `old` to this.
    #[must_use]
    pub fn minus(&self, old: &Self) -> Self {
        let mut delta = self.0.clone();
        for (name, value) in &old.0 {
            *delta.entry(name).or_default() -= value;
        }
        delta.retain(|_, value| *value != 0);
        Self(delta)
    }

    /// Nothing to add.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// The counter's name of an outcome.
#[must_use]
pub const fn outcome_counter(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Answered => "o_answered",
        Outcome::Voicemail => "o_voicemail",
        Outcome::NoAnswer => "o_no_answer",
        Outcome::Busy => "o_busy",
        Outcome::Failed => "o_failed",
        Outcome::Cancelled => "o_cancelled",
        Outcome::Unknown => "o_unknown",
    }
}

/// The counter's name of an emotion, in any case.
#[must_use]
pub fn emotion_counter(emotion: &str) -> &'static str {
    let emotion = emotion.trim().to_ascii_lowercase();
    let known = EMOTIONS.iter().find(|(name, _)| *name == emotion);
    known.map_or(OTHER_EMOTION, |(_, counter)| counter)
}

/// What this call adds to the totals; nothing before it has ended.
#[must_use]
pub fn contribution(call: &Call) -> Counters {
    let CallStatus::Ended(outcome) = call.status else {
        return Counters::default();
    };
    let mut sums = BTreeMap::from([(CALLS, 1), (outcome_counter(outcome), 1)]);
    sums.insert(DURATION_S, i64::from(call.duration_s));
    sums.insert(ELAPSED_S, i64::from(call.elapsed_s().unwrap_or(0)));
    sums.insert(COST_MICROS, call.cost.micros());
    if let Some(price) = &call.price {
        sums.insert(COST_TELEPHONY, price.telephony.micros());
        sums.insert(COST_STT, price.stt.micros());
        sums.insert(COST_LLM, price.llm.micros());
        sums.insert(COST_TTS, price.tts.micros());
    }
    sums.insert(RECORDINGS, i64::from(call.recording.is_some()));
    sums.insert(
        ABANDONED,
        i64::from(call.abandoned && outcome == Outcome::Answered),
    );
    sums.insert(
        TRANSFERRED,
        i64::from(call.was_transferred() && outcome == Outcome::Answered),
    );
    if let Some(analysis) = &call.analysis {
        let name = match analysis.sentiment.as_str() {
            "positive" => POSITIVE,
            "negative" => NEGATIVE,
            _ => NEUTRAL,
        };
        sums.insert(name, 1);
        for emotion in &analysis.emotions {
            *sums.entry(emotion_counter(emotion)).or_default() += 1;
        }
    }
    sums.retain(|_, value| *value != 0);
    Counters(sums)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn emotions_are_known_in_any_case_and_unknown_ones_are_other() {
        assert_eq!(emotion_counter(" Satisfied"), "e_satisfied");
        assert_eq!(emotion_counter("melancholy"), "e_other");
        assert_eq!(emotion_counter("other"), "e_other");
    }

    #[test]
    fn a_difference_names_only_what_changed() {
        let old = Counters(BTreeMap::from([(CALLS, 1), (POSITIVE, 1)]));
        let new = Counters(BTreeMap::from([(CALLS, 1), (NEGATIVE, 1)]));
        assert_eq!(
            new.minus(&old),
            Counters(BTreeMap::from([(POSITIVE, -1), (NEGATIVE, 1)]))
        );
        assert!(new.minus(&new).is_empty());
    }
}
