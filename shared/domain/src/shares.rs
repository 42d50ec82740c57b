//! Who really did a call's work: which providers heard, thought and spoke, and how much each.
//!
//! A call whose provider breaks goes on with the next one, so a plan alone does not tell what is to be paid.

use serde::{Deserialize, Serialize};

use crate::prices::{PriceTable, Rates, Service, Used};

/// One provider's share of a part's work.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Share {
    /// Such as `openai`.
    pub provider: String,
    /// The model, where the provider has several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// How much: milliseconds heard, letters written, letters spoken.
    pub amount: u64,
}

/// The work of one of a call's streams.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StreamShares {
    /// Which stream; 0 is the first.
    pub generation: u32,
    /// Speech to text, in milliseconds.
    pub stt: Vec<Share>,
    /// The language model, in letters written.
    pub llm: Vec<Share>,
    /// Text to speech, in letters spoken.
    pub tts: Vec<Share>,
}

impl PriceTable {
    /// What a call's units cost: where several providers did a part, the mean of their prices by what each did. A
    /// part that nobody is known to have done costs what `planned` says.
    #[must_use]
    pub fn rates_of(&self, planned: &Used<'_>, streams: &[StreamShares]) -> Rates {
        let of = |part: fn(&StreamShares) -> &[Share], planned_rate, price: fn(&Rates) -> crate::Usd| {
            let did = || streams.iter().flat_map(part).filter(|share| share.amount > 0);
            let all: u128 = did().map(|share| u128::from(share.amount)).sum();
            let sum: i128 = did()
                .map(|share| {
                    let service = Service {
                        provider: &share.provider,
                        model: share.model.as_deref(),
                    };
                    let rates = self.rates(&Used {
                        called: None,
                        stt: service,
                        llm: service,
                        tts: service,
                    });
                    i128::from(price(&rates).micros()) * i128::from(share.amount)
                })
                .sum();
            let mean = i128::try_from(all).ok().and_then(|all| sum.checked_div(all));
            mean.and_then(|mean| i64::try_from(mean).ok())
                .map_or(planned_rate, crate::Usd::from_micros)
        };
        let rates = self.rates(planned);
        Rates {
            stt: of(|stream| &stream.stt, rates.stt, |rates| rates.stt),
            llm: of(|stream| &stream.llm, rates.llm, |rates| rates.llm),
            tts: of(|stream| &stream.tts, rates.tts, |rates| rates.tts),
            ..rates
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Usd;

    fn share(provider: &str, model: Option<&str>, amount: u64) -> Share {
        Share {
            provider: provider.to_owned(),
            model: model.map(str::to_owned),
            amount,
        }
    }

    fn planned() -> Used<'static> {
        let service = Service {
            provider: "openai",
            model: Some("gpt-4"),
        };
        Used {
            called: Some("14155550100"),
            stt: service,
            llm: service,
            tts: service,
        }
    }

    #[test]
    fn each_provider_is_paid_for_what_it_did() {
        let table = PriceTable::default();
        let first = StreamShares {
            generation: 0,
            stt: vec![share("deepgram", None, 30_000), share("builtin", None, 10_000)],
            llm: vec![share("openai", Some("gpt-4o"), 300)],
            tts: Vec::new(),
        };
        let second = StreamShares {
            generation: 1,
            llm: vec![share("builtin", Some("extractive"), 100)],
            ..StreamShares::default()
        };
        let rates = table.rates_of(&planned(), &[first, second]);
        assert_eq!(rates.stt, Usd::from_micros(7_700 * 3 / 4));
        assert_eq!(rates.llm, Usd::from_micros(2_500 * 3 / 4));
        assert_eq!(rates.tts, Usd::from_micros(15_000), "not told, so as planned");
        assert_eq!(rates.telephony, Usd::from_micros(14_000));
    }

    #[test]
    fn without_shares_the_plan_is_paid() {
        let table = PriceTable::default();
        assert_eq!(table.rates_of(&planned(), &[]), table.rates(&planned()));
        let idle = StreamShares {
            stt: vec![share("deepgram", None, 0)],
            ..StreamShares::default()
        };
        assert_eq!(table.rates_of(&planned(), &[idle]), table.rates(&planned()));
        let much = StreamShares {
            llm: vec![share("openai", None, u64::MAX), share("builtin", None, u64::MAX)],
            ..StreamShares::default()
        };
        assert!(table.rates_of(&planned(), &[much]).llm > Usd::ZERO);
    }
}
