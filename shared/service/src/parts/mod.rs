//! Which parts a call hears, thinks and speaks with, decided in one place: for the call itself, for the agent's
//! configuration as it is shown, and for the analysis afterwards.
//!
//! What the deployment forces comes first; then the provider that the agent names, if the tenant has an integration with
//! it or the deployment a key; then the built-in part, which is also what a call goes on with when a provider breaks.

mod choose;
mod offers;
mod vendors;

use trunkline_domain::{Error, TenantId, VoiceAgent};
use trunkline_providers::cloud::Account;

use crate::{Ctx, Settings};
use choose::{Ability, By, Wish, choose};
use offers::Opening;

pub use vendors::Vendors;

/// The provider that needs no key.
pub const BUILTIN: &str = "builtin";

/// One part, as it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// The provider's name.
    pub provider: String,
    /// The model; none when the provider has but one.
    pub model: Option<String>,
    /// Why this one.
    pub reason: String,
}

/// The parts that a call of an agent will really use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Effective {
    /// The dialogue.
    pub llm: Part,
    /// Speech to text.
    pub stt: Part,
    /// Text to speech.
    pub tts: Part,
}

/// One part of a call, with the account that it is used by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chosen {
    /// What it is, and why.
    pub part: Part,
    /// The account; none for a part of this process.
    pub account: Option<Account>,
}

impl Chosen {
    /// Names in order of preference: whatever breaks, the built-in part goes on.
    #[must_use]
    pub fn order(&self) -> Vec<String> {
        let mut order = vec![self.part.provider.clone()];
        if self.part.provider != BUILTIN {
            order.push(BUILTIN.to_owned());
        }
        order
    }
}

/// The parts of one call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallParts {
    /// The dialogue.
    pub llm: Chosen,
    /// Speech to text.
    pub stt: Chosen,
    /// Text to speech.
    pub tts: Chosen,
}

impl CallParts {
    /// As they are shown: without accounts.
    #[must_use]
    pub fn effective(&self) -> Effective {
        Effective {
            llm: self.llm.part.clone(),
            stt: self.stt.part.clone(),
            tts: self.tts.part.clone(),
        }
    }
}

/// The parts that a call of this agent uses now; of none, the platform's own. Nothing secret is read.
///
/// # Errors
/// When the store does not answer.
pub(crate) async fn shown(
    ctx: &Ctx,
    tenant: TenantId,
    agent: Option<&VoiceAgent>,
) -> Result<Effective, Error> {
    Ok(decide(ctx, tenant, agent, Opening::Closed).await?.effective())
}

/// As [`shown`], with the accounts that they are used by. An integration that cannot be used is passed over: a call
/// does not fail for it.
///
/// # Errors
/// When the store does not answer.
pub(crate) async fn of_call(
    ctx: &Ctx,
    tenant: TenantId,
    agent: Option<&VoiceAgent>,
) -> Result<CallParts, Error> {
    decide(ctx, tenant, agent, Opening::Open).await
}

async fn decide(
    ctx: &Ctx,
    tenant: TenantId,
    agent: Option<&VoiceAgent>,
    opening: Opening,
) -> Result<CallParts, Error> {
    let settings = &ctx.settings;
    let wishes = [Ability::Llm, Ability::Stt, Ability::Tts].map(|ability| wish(settings, agent, ability));
    let wanted: Vec<_> = wishes.iter().filter_map(Wish::vendor).collect();
    let offers = offers::of(ctx, tenant, &wanted, opening).await?;
    let plain: Vec<_> = offers.iter().map(|(offer, _)| offer.clone()).collect();
    let [llm, stt, tts] = [Ability::Llm, Ability::Stt, Ability::Tts];
    let pick = |ability, wish| {
        let (part, by) = choose(ability, wish, &settings.vendors, &plain);
        let account = match by {
            By::Here => None,
            By::Deployment(vendor) => settings.vendors.account(vendor),
            By::Integration(found) => offers
                .iter()
                .find(|(offer, _)| offer.integration.id == found.integration.id)
                .and_then(|(_, account)| account.clone()),
        };
        Chosen { part, account }
    };
    let [of_llm, of_stt, of_tts] = wishes;
    Ok(CallParts {
        llm: pick(llm, of_llm),
        stt: pick(stt, of_stt),
        tts: pick(tts, of_tts),
    })
}

fn wish<'a>(settings: &'a Settings, agent: Option<&'a VoiceAgent>, ability: Ability) -> Wish<'a> {
    let (forced, asked) = match ability {
        Ability::Llm => (
            &settings.forced_llm,
            agent.and_then(|a| a.llm_provider.as_deref()),
        ),
        Ability::Stt => (
            &settings.forced_stt,
            agent.and_then(|a| a.stt_provider.as_deref()),
        ),
        Ability::Tts => (
            &settings.forced_tts,
            agent.and_then(|a| a.tts_provider.as_deref()),
        ),
    };
    Wish {
        forced: forced.as_deref(),
        asked,
        model: agent
            .and_then(|a| a.llm_model.as_deref())
            .map(str::trim)
            .filter(|model| !model.is_empty()),
    }
}
