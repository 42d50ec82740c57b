//! What a call cost: carrier, speech to text, language model, voice.

use trunkline_domain::{
    Call, Direction, Usd,
    prices::{CallPrice, PriceTable, Rates, Service, Used},
    shares::StreamShares,
    transcript::{Speaker, TranscriptLine},
};

use crate::parts::{Effective, Part};

/// The price of a call that is over, by the prices of its units.
#[must_use]
pub fn price(call: &Call, lines: &[TranscriptLine], rates: Rates) -> CallPrice {
    let minutes = i64::from(call.duration_s.div_ceil(60));
    let spoken = characters(lines.iter().filter(|line| line.speaker == Speaker::Agent));
    CallPrice {
        rates,
        telephony: rates.telephony.times(minutes),
        stt: rates.stt.times(minutes),
        llm: thousands(rates.llm, read_and_written(lines)),
        tts: thousands(rates.tts, spoken),
    }
}

/// What a call's units cost by the table: of who did the work, and where that is not told, of who was to do it.
pub(super) fn rates(call: &Call, parts: &Effective, done: &[StreamShares], table: &PriceTable) -> Rates {
    let called = match call.direction {
        Direction::Outbound | Direction::Inbound => Some(call.to.digits()),
        Direction::Web => None,
    };
    let used = Used {
        called,
        stt: service(&parts.stt),
        llm: service(&parts.llm),
        tts: service(&parts.tts),
    };
    table.rates_of(&used, done)
}

fn service(part: &Part) -> Service<'_> {
    Service {
        provider: &part.provider,
        model: part.model.as_deref(),
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

fn thousands(price: Usd, characters: i64) -> Usd {
    Usd::from_micros(price.times(characters).micros() / 1_000)
}

#[cfg(test)]
mod tests {
    use super::*;
    use trunkline_domain::{
        CallStatus, Outcome, TenantId,
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
            price: None,
            gen_next: 0,
            instance: None,
            next: None,
            recording: None,
            analysis: None,
            notes: None,
            conference: None,
            abandoned: false,
            dialled_for: None,
            taken: false,
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
            let call = call("+14155550100", duration_s);
            let rates = rates(&call, &parts("builtin"), &[], &PriceTable::default());
            assert_eq!(
                price(&call, &[], rates).total().micros(),
                micros,
                "{duration_s} s"
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
        let call = call("+14155550100", 90);
        let table = PriceTable::default();
        let unit = rates(&call, &parts("mistral"), &[], &table);
        let paid = price(&call, &lines, unit);
        assert_eq!(paid.stt, table.speech.otherwise.times(2));
        assert_eq!(paid.tts.micros(), table.voice.otherwise.micros() * 3 / 2);
        assert_eq!(
            paid.llm,
            table.model.otherwise.times(3),
            "1,000 at the first turn, 2,000 at the second"
        );
        assert_eq!(paid.total(), paid.telephony + paid.stt + paid.llm + paid.tts);
        let free = price(&call, &lines, rates(&call, &parts("builtin"), &[], &table));
        assert_eq!(free.total(), free.telephony);
    }
}
