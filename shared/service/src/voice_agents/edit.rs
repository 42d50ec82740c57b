//! Making, copying and changing voice agents.

use serde_json::{Map, Value};
use trunkline_auth::Principal;
use trunkline_domain::{Error, Role, VoiceAgent, VoiceAgentId, error::Kind, voice_agent::VoiceAgentStatus};
use trunkline_store::NotWritten;

use crate::Ctx;

use super::{
    TRIES, busy,
    check::{NAME_MAX, check},
    get,
};

/// What a new agent is made from; what is none gets its default.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct NewAgent {
    /// Unique in the tenant, in any case.
    pub name: String,
    /// Everything else, as a change of an empty agent.
    pub rest: AgentPatch,
}

/// A change: the outer none keeps, the inner one clears.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct AgentPatch {
    /// Unique in the tenant, in any case; cannot be cleared.
    pub name: Option<Option<String>>,
    /// What it is for.
    pub description: Option<Option<String>>,
    /// Language-model provider.
    pub llm_provider: Option<Option<String>>,
    /// Language model.
    pub llm_model: Option<Option<String>>,
    /// Speech-to-text provider.
    pub stt_provider: Option<Option<String>>,
    /// Text-to-speech provider.
    pub tts_provider: Option<Option<String>>,
    /// What it is told to be; cleared is empty.
    pub system_prompt: Option<Option<String>>,
    /// BCP 47 tag; cleared is English.
    pub language: Option<Option<String>>,
    /// Free-form; replaced whole.
    pub voice_parameters: Option<Option<Map<String, Value>>>,
    /// What it says first.
    pub greeting: Option<Option<String>>,
    /// Passages it may answer from; replaced whole.
    pub knowledge: Option<Option<Vec<String>>>,
    /// Whether new campaigns may use it; cleared is active.
    pub status: Option<Option<VoiceAgentStatus>>,
}

/// The language of an agent that names none.
const LANGUAGE: &str = "en";

/// Makes a voice agent under this id, which an idempotent request derives from its key.
///
/// # Errors
/// [`Error::Invalid`] names each wrong field, [`Error::Conflict`] a name that is taken.
pub async fn create(
    ctx: &Ctx,
    who: &Principal,
    id: VoiceAgentId,
    new: NewAgent,
) -> Result<VoiceAgent, Error> {
    who.require(Role::User)?;
    let empty = blank(ctx, who, id, new.name.trim().to_owned());
    put_new(ctx, new.rest.applied(empty)?).await
}

/// An agent of which only the name is known.
fn blank(ctx: &Ctx, who: &Principal, id: VoiceAgentId, name: String) -> VoiceAgent {
    let now = ctx.now();
    VoiceAgent {
        id,
        tenant: who.tenant,
        created_by: who.user,
        name,
        description: None,
        llm_provider: None,
        llm_model: None,
        stt_provider: None,
        tts_provider: None,
        system_prompt: String::new(),
        language: LANGUAGE.to_owned(),
        voice_parameters: Map::new(),
        greeting: None,
        knowledge: Vec::new(),
        status: VoiceAgentStatus::Active,
        version: 1,
        created_at: now,
        updated_at: now,
    }
}

/// Makes a copy, named "… (copy)" unless a name is given.
///
/// # Errors
/// As of [`create`]; [`Error::NotFound`] when there is no such agent.
pub async fn clone(
    ctx: &Ctx,
    who: &Principal,
    source: VoiceAgentId,
    id: VoiceAgentId,
    name: Option<String>,
) -> Result<VoiceAgent, Error> {
    let source = get(ctx, who, source).await?;
    let now = ctx.now();
    let name = name.unwrap_or_else(|| name_of_copy(&source.name));
    let copy = VoiceAgent {
        id,
        created_by: who.user,
        name: name.trim().to_owned(),
        version: 1,
        created_at: now,
        updated_at: now,
        ..source
    };
    put_new(ctx, copy).await
}

/// "… (copy)", with as much of the name as there is room for.
fn name_of_copy(name: &str) -> String {
    let mark = " (copy)";
    let kept: String = name.chars().take(NAME_MAX - mark.len()).collect();
    format!("{}{mark}", kept.trim_end())
}

/// Changes a voice agent, if its version is `fresh` to the client.
///
/// # Errors
/// [`Error::Invalid`], [`Error::NotFound`]; [`Error::Conflict`] for a name that is taken; what `fresh` says.
pub async fn update<E: From<Error>>(
    ctx: &Ctx,
    who: &Principal,
    id: VoiceAgentId,
    patch: &AgentPatch,
    fresh: impl Fn(u64) -> Result<(), E>,
) -> Result<VoiceAgent, E> {
    // What is wrong by itself is said before the record is looked for.
    refuse(check(&patch.applied(blank(ctx, who, id, "-".to_owned()))?))?;
    for _ in 0..TRIES {
        let old = get(ctx, who, id).await?;
        fresh(old.version)?;
        let mut new = patch.applied(old.clone())?;
        new.version += 1;
        new.updated_at = ctx.now();
        refuse(check(&new))?;
        match ctx
            .store
            .update_voice_agent(&old, &new)
            .await
            .map_err(Error::from)?
        {
            Ok(()) => return Ok(new),
            Err(NotWritten::NameTaken) => return Err(taken(&new.name).into()),
            Err(NotWritten::Changed) => {}
        }
    }
    Err(busy().into())
}

async fn put_new(ctx: &Ctx, agent: VoiceAgent) -> Result<VoiceAgent, Error> {
    refuse(check(&agent))?;
    match ctx.store.create_voice_agent(&agent).await? {
        Ok(()) => Ok(agent),
        Err(NotWritten::NameTaken) => Err(taken(&agent.name)),
        // The id is there already: an earlier run of this very request made it.
        Err(NotWritten::Changed) => ctx
            .store
            .voice_agent(agent.tenant, agent.id)
            .await?
            .ok_or_else(|| taken(&agent.name)),
    }
}

impl AgentPatch {
    fn applied(&self, mut agent: VoiceAgent) -> Result<VoiceAgent, Error> {
        if let Some(name) = &self.name {
            let name = name
                .as_deref()
                .ok_or_else(|| Error::invalid("name", "cannot be null; an agent has a name"))?;
            name.trim().clone_into(&mut agent.name);
        }
        let text = |field: &mut Option<String>, change: &Option<Option<String>>| {
            if let Some(change) = change {
                *field = change
                    .as_deref()
                    .map(str::trim)
                    .filter(|text| !text.is_empty())
                    .map(str::to_owned);
            }
        };
        text(&mut agent.description, &self.description);
        text(&mut agent.llm_provider, &self.llm_provider);
        text(&mut agent.llm_model, &self.llm_model);
        text(&mut agent.stt_provider, &self.stt_provider);
        text(&mut agent.tts_provider, &self.tts_provider);
        text(&mut agent.greeting, &self.greeting);
        set(&mut agent.system_prompt, &self.system_prompt, String::new);
        set(&mut agent.language, &self.language, || LANGUAGE.to_owned());
        set(&mut agent.voice_parameters, &self.voice_parameters, Map::new);
        set(&mut agent.knowledge, &self.knowledge, Vec::new);
        set(&mut agent.status, &self.status, VoiceAgentStatus::default);
        Ok(agent)
    }
}

fn set<T: Clone>(field: &mut T, change: &Option<Option<T>>, cleared: impl FnOnce() -> T) {
    if let Some(change) = change {
        *field = change.clone().unwrap_or_else(cleared);
    }
}

fn refuse(errors: Vec<trunkline_domain::FieldError>) -> Result<(), Error> {
    if errors.is_empty() {
        Ok(())
    } else {
        Err(Error::Invalid(errors))
    }
}

fn taken(name: &str) -> Error {
    Error::conflict(
        Kind::VoiceAgent,
        format!("an agent named `{name}` already exists; names differ by more than case"),
    )
}
