//! The choice itself, purely: what is forced, what the agent names, what accounts there are.

use trunkline_domain::integration::Integration;
use trunkline_providers::cloud::Vendor;

use super::{BUILTIN, Part, Vendors};

/// The language model of whoever names none.
const OPENAI_MODEL: &str = "gpt-4.1-mini";
/// The built-in dialogue.
const EXTRACTIVE: &str = "extractive";

/// What a part of a call is to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ability {
    Stt,
    Llm,
    Tts,
}

impl Ability {
    const fn variable(self) -> &'static str {
        match self {
            Self::Stt => "TRUNKLINE_STT",
            Self::Llm => "TRUNKLINE_LLM",
            Self::Tts => "TRUNKLINE_TTS",
        }
    }

    const fn words(self) -> &'static str {
        match self {
            Self::Stt => "speech to text",
            Self::Llm => "language model",
            Self::Tts => "text to speech",
        }
    }

    /// Who can do it, whom we would rather ask first.
    const fn vendors(self) -> &'static [Vendor] {
        match self {
            Self::Stt => &[Vendor::Deepgram],
            Self::Llm => &[Vendor::Openai],
            Self::Tts => &[Vendor::Cartesia, Vendor::Elevenlabs, Vendor::Openai],
        }
    }

    /// Their names, and the built-in one's.
    fn names(self) -> String {
        let names = self.vendors().iter().map(|vendor| vendor.as_str());
        names.chain([BUILTIN]).collect::<Vec<_>>().join(", ")
    }
}

/// What is asked for.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Wish<'a> {
    /// By the deployment.
    pub(super) forced: Option<&'a str>,
    /// By the agent.
    pub(super) asked: Option<&'a str>,
    /// The agent's model.
    pub(super) model: Option<&'a str>,
}

impl Wish<'_> {
    /// The vendor that the agent names, where it is the agent that decides.
    pub(super) fn vendor(&self) -> Option<Vendor> {
        self.asked
            .filter(|_| self.forced.is_none())
            .and_then(Vendor::parse)
    }
}

/// A tenant's integration, and what is in the way of its use.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Offer {
    pub(super) integration: Integration,
    pub(super) vendor: Vendor,
    pub(super) problem: Option<String>,
}

/// Whose account is used.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum By<'a> {
    /// Nobody's: the part is in this process.
    Here,
    Deployment(Vendor),
    Integration(&'a Offer),
}

/// Which part it is, and why. `offers` in order of preference.
pub(super) fn choose<'a>(
    ability: Ability,
    wish: Wish<'_>,
    vendors: &Vendors,
    offers: &'a [Offer],
) -> (Part, By<'a>) {
    let builtin = |reason: String| (part(ability, BUILTIN, None, reason), By::Here);
    if let Some(forced) = wish.forced {
        let reason = format!("{} sets it for this deployment", ability.variable());
        return match Vendor::parse(forced) {
            Some(vendor) => (vendor_part(ability, vendor, wish, reason), By::Deployment(vendor)),
            None => (
                part(ability, &forced.trim().to_ascii_lowercase(), None, reason),
                By::Here,
            ),
        };
    }
    let Some(asked) = wish.asked.map(str::trim).filter(|asked| !asked.is_empty()) else {
        let found = ability
            .vendors()
            .iter()
            .copied()
            .find(|vendor| vendors.has(*vendor));
        let Some(vendor) = found else {
            return builtin("the agent names none".to_owned());
        };
        let reason = "the agent names none, and this deployment has a key for this one".to_owned();
        return (vendor_part(ability, vendor, wish, reason), By::Deployment(vendor));
    };
    if ["builtin", "built-in"].contains(&asked.to_ascii_lowercase().as_str()) {
        return builtin("the agent names it".to_owned());
    }
    let Some(vendor) = Vendor::parse(asked) else {
        let there = ability.names();
        return builtin(format!(
            "no {} is named `{asked}` (there are {there}), so the built-in one is used",
            ability.words()
        ));
    };
    if !ability.vendors().contains(&vendor) {
        let there = ability.names();
        return builtin(format!(
            "`{vendor}` has no {} here (there are {there}), so the built-in one is used",
            ability.words()
        ));
    }
    let mut own = offers.iter().filter(|offer| offer.vendor == vendor);
    if let Some(offer) = own.clone().find(|offer| offer.problem.is_none()) {
        let reason = format!("your integration `{}`", offer.integration.name);
        return (vendor_part(ability, vendor, wish, reason), By::Integration(offer));
    }
    let troubled = own.next().map(|offer| {
        (
            &offer.integration.name,
            offer.problem.as_deref().unwrap_or_default(),
        )
    });
    if vendors.has(vendor) {
        let reason = match troubled {
            None => "this deployment's key".to_owned(),
            Some((name, problem)) => {
                format!("this deployment's key; your integration `{name}` is not used, since {problem}")
            }
        };
        return (vendor_part(ability, vendor, wish, reason), By::Deployment(vendor));
    }
    builtin(match troubled {
        None => format!(
            "`{vendor}` has no key in this deployment nor an integration of yours, so the built-in one is used"
        ),
        Some((name, problem)) => format!(
            "your integration `{name}` is not used, since {problem}; and `{vendor}` has no key in this deployment, \
             so the built-in one is used"
        ),
    })
}

/// The agent's model is its own provider's; another's gets its usual one.
fn vendor_part(ability: Ability, vendor: Vendor, wish: Wish<'_>, reason: String) -> Part {
    let own = wish
        .asked
        .is_none_or(|asked| Vendor::parse(asked) == Some(vendor));
    let model = wish.model.filter(|_| own).unwrap_or(OPENAI_MODEL);
    part(ability, vendor.as_str(), Some(model), reason)
}

fn part(ability: Ability, provider: &str, model: Option<&str>, reason: String) -> Part {
    let model = match ability {
        Ability::Llm if provider == BUILTIN => Some(EXTRACTIVE),
        Ability::Llm => model,
        Ability::Stt | Ability::Tts => None,
    };
    Part {
        provider: provider.to_owned(),
        model: model.map(str::to_owned),
        reason,
    }
}

#[cfg(test)]
#[path = "choose_tests.rs"]
mod tests;
