//! Voice agents: what talks on a call.

mod check;
mod config;
mod edit;
mod list;

use trunkline_auth::Principal;
use trunkline_domain::{Error, Role, VoiceAgent, VoiceAgentId, error::Kind};
use trunkline_store::NotWritten;

use crate::Ctx;

pub use crate::parts::{Effective, Part};
pub use config::{AgentConfig, config};
pub use edit::{AgentPatch, NewAgent, clone, create, update};
pub use list::{AgentSort, AgentsQuery, SORTS, list, list_made_by};

/// A voice agent of the asker's tenant.
///
/// # Errors
/// [`Error::NotFound`]; another tenant's is not found either.
pub async fn get(ctx: &Ctx, who: &Principal, id: VoiceAgentId) -> Result<VoiceAgent, Error> {
    who.require(Role::User)?;
    ctx.store
        .voice_agent(who.tenant, id)
        .await?
        .ok_or(Error::NotFound(Kind::VoiceAgent))
}

/// Deletes a voice agent that no live campaign uses.
///
/// # Errors
/// [`Error::Conflict`] names a campaign that uses it.
pub async fn delete(ctx: &Ctx, who: &Principal, id: VoiceAgentId) -> Result<(), Error> {
    for _ in 0..TRIES {
        let agent = get(ctx, who, id).await?;
        let campaigns = ctx.store.list_campaigns_by_tenant(who.tenant).await?;
        if let Some(user) = campaigns.iter().find(|c| c.talks(id) && c.state.is_live()) {
            let what = format!(
                "the {} campaign `{}` uses this agent; stop it first",
                user.state.as_str(),
                user.name
            );
            return Err(Error::conflict(Kind::VoiceAgent, what));
        }
        match ctx.store.delete_voice_agent(&agent).await? {
            Ok(()) => return Ok(()),
            Err(NotWritten::Changed | NotWritten::NameTaken) => {}
        }
    }
    Err(busy())
}

/// How often a change that met another is tried anew.
const TRIES: usize = 8;

fn busy() -> Error {
    Error::Unavailable {
        what: "the agent is being changed by others; try again".to_owned(),
        retry_after_s: 1,
    }
}
