//! What a call cost: carrier, speech to text, language model, voice.
//!
//! The figures are list prices for a start, in micro-dollars; a tenant's own will stand over them.

use trunkline_domain::{
    Call, Usd,
    transcript::{Speaker, TranscriptLine},
};

use crate::voice_agents::{Effective, Part};

/// Prices, in micro-dollars.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PriceTable {
    /// A started minute of an answered call, by the longest prefix of the called number's digits.
    pub minute_by_prefix: &'static [(&'static str, i64)],
    /// A started minute to any other number.
    pub minute_elsewhere: i64,
    /// A started minute of speech understood by another's service.
    pub stt_minute: i64,
    /// A thousand characters spoken by another's service.
    pub tts_thousand: i64,
    /// A thousand characters read or written by another's language model.
    pub llm_thousand: i64,
}

impl PriceTable {
    /// List prices. Carrier: Twilio's for calls to the United States and Canada; elsewhere an estimate
    /// of ours, on the high side, as are those of the services. Built-in parts cost nothing.
    pub const LIST: Self = Self {
        minute_by_prefix: &[("1", 14_000)],
        minute_elsewhere: 50_000,
        stt_minute: 8_000,
        tts_thousand: 50_000,
        llm_thousand: 2_500,
    };

    fn minute(&self, digits: &str) -> i64 {
        let fitting = self
            .minute_by_prefix
            .iter()
            .filter(|(prefix, _)| digits.starts_with(prefix));
        fitting
            .max_by_key(|(prefix, _)| prefix.len())
            .map_or(self.minute_elsewhere, |(_, price)| *price)
    }
}

/// A call's price in its parts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Price {
    /// The carrier's share.
    pub telephony: Usd,
    /// Speech to text.
    pub stt: Usd,
    /// The language model.
    pub llm: Usd,
    /// Text to speech.
    pub tts: Usd,
}

impl Price {
    /// All parts together.
    #[must_use]
    pub fn total(&self) -> Usd {
        [self.telephony, self.stt, self.llm, self.tts].into_iter().sum()
    }
}

/// The price of a call that is over.
#[must_use]
pub fn price(call: &Call, parts: &Effective, lines: &[TranscriptLine], table: &PriceTable) -> Price {
    let minutes = i64::from(call.duration_s.div_ceil(60));
    let spoken = characters(lines.iter().filter(|line| line.speaker == Speaker::Agent));
    let carrier = match call.direction {
        trunkline_domain::Direction::Outbound | trunkline_domain::Direction::Inbound => {
            table.minute(call.to.digits())
        }
        trunkline_domain::Direction::Web => 0,
    };
    Price {
        telephony: Usd::from_micros(carrier).times(minutes),
        stt: of(&parts.stt, Usd::from_micros(table.stt_minute).times(minutes)),
        llm: of(&parts.llm, thousands(table.llm_thousand, read_and_written(lines))),
        tts: of(&parts.tts, thousands(table.tts_thousand, spoken)),
    }
}

/// Built-in parts and stubs cost nothing.
fn of(part: &Part, price: Usd) -> Usd {
    if matches!(part.provider.as_str(), "builtin" | "built-in" | "stub") {
        Usd::ZERO
    } else {
        price
    }
}

/// At each of the agent's turns the model reads all that was said so far, and writes the turn.
fn read_and_written(lines: &[TranscriptLine]) -> i64 {
    let (mut so_far, mut all) = (0, 0_i64);
    for line in lines {
        so_far += characters([line].into_iter());
        if line.speaker == Speaker::Agent {
            all = all.saturating_add(so_far);
        }
    }
    all
}

fn characters<'a>(lines: impl Iterator<Item = &'a TranscriptLine>) -> i64 {
    lines
        .map(|line| i64::try_from(line.text.chars().count()).unwrap_or(i64::MAX))
        .sum()
}

fn thousands(price: i64, characters: i64) -> Usd {
    Usd::from_micros(price.saturating_mul(characters) / 1_000)
}

#[cfg(test)]
mod tests {
    use super::*;
    use trunkline_domain::{
        CallStatus, Direction, Outcome, TenantId,
        id::{CallId, derived},
    };

    fn call(to: &str, duration_s: u32) -> Call {
        let at = chrono::DateTime::UNIX_EPOCH;
        Call {
            id: CallId(derived("call")),
            tenant: TenantId(derived("tenant")),
            campaign: None,
            lead: None,
            attempt: 0,
            voice_agent: None,
            operator: None,
            direction: Direction::Outbound,
            to: to.parse().unwrap(),
            from: trunkline_domain::CallerId("+14155550199".parse().unwrap()),
            status: CallStatus::Ended(Outcome::Answered),
            epoch: 1,
            version: 1,
            sid: None,
            account: "AC1".to_owned(),
            claim_nonce: None,
            post_by: None,
            check_at: None,
            looked_at: None,
            stop_requested: false,
            answered_by: None,
            record: true,
            time_limit_s: 600,
            reserve: Usd::ZERO,
            created_at: at,
            placed_at: None,
            answered_at: None,
            ended_at: Some(at),
            duration_s,
            cost: Usd::ZERO,
            gen_next: 0,
            instance: None,
            next: None,
            recording: None,
            analysis: None,
            notes: None,
            failure: None,
            cap_shard: 0,
            ring_timeout_s: 30,
            shard: 0,
        }
    }

    fn line(speaker: Speaker, text: &str) -> TranscriptLine {
        let at = chrono::DateTime::UNIX_EPOCH;
        TranscriptLine {
            generation: 0,
            start_ms: 0,
            end_ms: 1,
            speaker,
            text: text.to_owned(),
            confidence: None,
            at,
        }
    }

    fn parts(provider: &str) -> Effective {
        let part = Part {
            provider: provider.to_owned(),
            model: None,
            reason: String::new(),
        };
        Effective {
            llm: part.clone(),
            stt: part.clone(),
            tts: part,
        }
    }

    #[test]
    fn a_started_minute_is_a_minute() {
        for (duration_s, micros) in [(0, 0), (1, 14_000), (60, 14_000), (61, 28_000)] {
            let price = price(
                &call("+14155550100", duration_s),
                &parts("builtin"),
                &[],
                &PriceTable::LIST,
            );
            assert_eq!(price.total().micros(), micros, "{duration_s} s");
        }
    }

    #[test]
    fn the_longest_prefix_decides_what_a_minute_costs() {
        let table = PriceTable {
            minute_by_prefix: &[("1", 10), ("1900", 500)],
            minute_elsewhere: 70,
            ..PriceTable::LIST
        };
        for (to, micros) in [("+14155550100", 10), ("+19005550100", 500), ("+442079460018", 70)] {
            assert_eq!(
                price(&call(to, 30), &parts("stub"), &[], &table)
                    .telephony
                    .micros(),
                micros,
                "{to}"
            );
        }
    }

    #[test]
    fn others_services_are_paid_by_what_they_did_and_built_in_ones_are_not() {
        let lines = [
            line(Speaker::Agent, &"a".repeat(1_000)),
            line(Speaker::User, &"u".repeat(500)),
            line(Speaker::Agent, &"b".repeat(500)),
        ];
        let table = PriceTable::LIST;
        let paid = price(&call("+14155550100", 90), &parts("openai"), &lines, &table);
        assert_eq!(paid.stt.micros(), 2 * table.stt_minute);
        assert_eq!(paid.tts.micros(), table.tts_thousand * 3 / 2);
        assert_eq!(
            paid.llm.micros(),
            table.llm_thousand * 3,
            "1,000 at the first turn, 2,000 at the second"
        );
        let free = price(&call("+14155550100", 90), &parts("builtin"), &lines, &table);
        assert_eq!(free.total(), free.telephony);
    }
}
