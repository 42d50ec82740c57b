//! What calls cost: the price table that the admin sets, and the prices that a call was reckoned with.
//!
//! A call keeps its prices, so a new table changes no old call, and one that is worked up again costs
//! by the prices of its first time.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{Instant, Usd};

/// Prices of one kind of thing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tariff {
    /// A unit of what has no price of its own.
    pub otherwise: Usd,
    /// A unit of what has one, by its name.
    #[serde(default)]
    pub special: BTreeMap<String, Usd>,
    /// Where the figures come from.
    pub source: String,
}

/// All prices.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PriceTable {
    /// A started minute of an answered call, by the longest prefix of the called number's digits.
    pub telephony: Tariff,
    /// A started minute of speech understood, by provider.
    pub speech: Tariff,
    /// A thousand characters read or written by a language model, by `provider/model` or provider.
    pub model: Tariff,
    /// A thousand characters spoken, by provider.
    pub voice: Tariff,
    /// Rises with every change; 0: the list prices below.
    pub version: u64,
    /// When the admin last changed it.
    #[serde(default)]
    pub updated_at: Option<Instant>,
    /// Who did, by e-mail address.
    #[serde(default)]
    pub updated_by: Option<String>,
}

impl Default for PriceTable {
    fn default() -> Self {
        Self {
            telephony: Tariff::listed(
                50_000,
                &[("1", 14_000)],
                "Twilio's list price of a minute to the United States and Canada; elsewhere an estimate on the high side",
            ),
            speech: Tariff::listed(
                8_000,
                &[("deepgram", 7_700), ("openai", 6_000), ("elevenlabs", 6_500)],
                "list prices of streaming: Deepgram Nova-3, OpenAI gpt-4o-transcribe, ElevenLabs Scribe (0.39 an hour); others an estimate",
            ),
            model: Tariff::listed(
                2_500,
                &[
                    ("openai/gpt-4", 15_000),
                    ("openai/gpt-4.1-mini", 400),
                    ("openai/gpt-4o", 2_500),
                    ("openai/gpt-4o-mini", 150),
                ],
                "OpenAI's list prices of output, for what is read too, at four characters a token; others as gpt-4o",
            ),
            voice: Tariff::listed(
                50_000,
                &[("openai", 15_000), ("deepgram", 30_000), ("elevenlabs", 100_000)],
                "list prices: OpenAI tts-1, Deepgram Aura-2, ElevenLabs Multilingual; others an estimate",
            ),
            version: 0,
            updated_at: None,
            updated_by: None,
        }
    }
}

impl Tariff {
    fn listed(otherwise: i64, special: &[(&str, i64)], source: &str) -> Self {
        let special = special
            .iter()
            .map(|(name, micros)| ((*name).to_owned(), Usd::from_micros(*micros)));
        Self {
            otherwise: Usd::from_micros(otherwise),
            special: special.collect(),
            source: source.to_owned(),
        }
    }

    /// Of a number, by the longest prefix.
    fn of_digits(&self, digits: &str) -> Usd {
        let fitting = self
            .special
            .iter()
            .filter(|(prefix, _)| digits.starts_with(*prefix));
        fitting
            .max_by_key(|(prefix, _)| prefix.len())
            .map_or(self.otherwise, |(_, price)| *price)
    }

    /// Of a provider, or its model where that has a price of its own. Built-in parts cost nothing,
    /// unless the admin says so by their name.
    fn of_service(&self, service: Service<'_>) -> Usd {
        let model = service.model.map(|model| format!("{}/{model}", service.provider));
        let own = model.and_then(|name| self.special.get(&name));
        match own.or_else(|| self.special.get(service.provider)) {
            Some(price) => *price,
            None if matches!(service.provider, "builtin" | "built-in" | "stub") => Usd::ZERO,
            None => self.otherwise,
        }
    }
}

/// Who did a part of the work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Service<'a> {
    /// Such as `openai`.
    pub provider: &'a str,
    /// Such as `gpt-4o`.
    pub model: Option<&'a str>,
}

/// What a call used, as far as prices ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Used<'a> {
    /// The called number's digits; none when no carrier was between.
    pub called: Option<&'a str>,
    /// Who understood.
    pub stt: Service<'a>,
    /// Who thought.
    pub llm: Service<'a>,
    /// Who spoke.
    pub tts: Service<'a>,
}

/// The prices of one call's units.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rates {
    /// The table's version that they are from.
    pub version: u64,
    /// A started minute of the carrier's.
    pub telephony: Usd,
    /// A started minute of speech to text.
    pub stt: Usd,
    /// A thousand characters read or written by the language model.
    pub llm: Usd,
    /// A thousand characters spoken.
    pub tts: Usd,
}

impl PriceTable {
    /// What a call's units cost now.
    #[must_use]
    pub fn rates(&self, used: &Used<'_>) -> Rates {
        Rates {
            version: self.version,
            telephony: used
                .called
                .map_or(Usd::ZERO, |digits| self.telephony.of_digits(digits)),
            stt: self.speech.of_service(used.stt),
            llm: self.model.of_service(used.llm),
            tts: self.voice.of_service(used.tts),
        }
    }
}

/// A call's price in its parts, with the prices that it was reckoned with.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallPrice {
    /// What a unit of each cost.
    pub rates: Rates,
    /// The carrier's share.
    pub telephony: Usd,
    /// Speech to text.
    pub stt: Usd,
    /// The language model.
    pub llm: Usd,
    /// Text to speech.
    pub tts: Usd,
}

impl CallPrice {
    /// All parts together.
    #[must_use]
    pub fn total(&self) -> Usd {
        [self.telephony, self.stt, self.llm, self.tts].into_iter().sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn service<'a>(provider: &'a str, model: Option<&'a str>) -> Service<'a> {
        Service { provider, model }
    }

    fn used<'a>(called: &'a str, all: Service<'a>) -> Used<'a> {
        Used {
            called: Some(called),
            stt: all,
            llm: all,
            tts: all,
        }
    }

    #[test]
    fn the_longest_prefix_decides_what_a_minute_costs() {
        let table = PriceTable {
            telephony: Tariff::listed(70, &[("1", 10), ("1900", 500)], "a test"),
            ..PriceTable::default()
        };
        for (to, micros) in [("14155550100", 10), ("19005550100", 500), ("442079460018", 70)] {
            let rates = table.rates(&used(to, service("stub", None)));
            assert_eq!(rates.telephony.micros(), micros, "{to}");
        }
    }

    #[test]
    fn a_model_costs_its_own_price_then_its_providers_then_the_general_one() {
        let table = PriceTable {
            model: Tariff::listed(3, &[("openai/gpt-4", 9), ("openai", 5)], "a test"),
            ..PriceTable::default()
        };
        for (provider, model, micros) in [
            ("openai", Some("gpt-4"), 9),
            ("openai", Some("gpt-5"), 5),
            ("openai", None, 5),
            ("mistral", Some("gpt-4"), 3),
            ("builtin", Some("extractive"), 0),
            ("stub", None, 0),
        ] {
            let rates = table.rates(&used("1", service(provider, model)));
            assert_eq!(rates.llm.micros(), micros, "{provider} {model:?}");
        }
    }

    #[test]
    fn built_in_parts_cost_what_the_admin_says() {
        let table = PriceTable {
            voice: Tariff::listed(3, &[("builtin", 2)], "a test"),
            ..PriceTable::default()
        };
        assert_eq!(table.rates(&used("1", service("builtin", None))).tts.micros(), 2);
    }

    #[test]
    fn a_call_without_a_carrier_pays_none() {
        let table = PriceTable::default();
        let web = Used {
            called: None,
            ..used("", service("builtin", None))
        };
        assert_eq!(table.rates(&web), Rates::default());
    }
}
