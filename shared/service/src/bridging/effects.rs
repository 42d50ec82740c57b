//! What a bridge owes: each is repeated until it is done, and harmless to repeat.

use trunkline_domain::{
    Call, CallId, Campaign, Error,
    bridge::{Bridge, Owed},
    call::Next,
    campaign::Fallback,
};
use trunkline_store::StoreError;
use trunkline_telephony::{CarrierError, HookUrls};

use super::{ROUNDS, hint, observe::write, wake};
use crate::{Ctx, dialing::fold, operators};

/// Does one of them.
pub(super) async fn effect(ctx: &Ctx, bridge: &Bridge, owed: &Owed) -> Result<(), Error> {
    match owed {
        Owed::Free { operator, talk_s } => {
            let freed = operators::give_back(ctx, bridge.tenant, *operator, bridge.call, *talk_s).await?;
            if let Some(freed) = freed {
                wake(ctx, &freed).await;
            }
            Ok(())
        }
        Owed::HangUp { sid } => hang_up(ctx, bridge.call, sid, "a human agent's telephone").await,
        Owed::End => end(ctx, bridge.call).await,
        Owed::Note => note(ctx, bridge).await,
        Owed::Fetch => send_on(ctx, bridge.call, |call| call.next = Some(Next::Operator)).await,
        Owed::Fallback => {
            let fallback = fallback_of(ctx, bridge).await?;
            send_on(ctx, bridge.call, |call| fallback.apply(call)).await
        }
    }
}

/// It was done.
pub(super) async fn done(ctx: &Ctx, call: CallId, owed: &Owed) -> Result<(), StoreError> {
    for _ in 0..ROUNDS {
        let Some(bridge) = ctx.store.bridge(call).await? else {
            return Ok(());
        };
        let Some(next) = bridge.done(owed) else {
            return Ok(());
        };
        if write(ctx, &bridge, &next).await? {
            return Ok(());
        }
    }
    Err(StoreError::Contended)
}

/// Gives a caller who has nobody what the campaign has instead, in the answer to the carrier's own question; answers the call, whose `next`
/// says what that is.
///
/// # Errors
/// When the store does not answer.
pub async fn give_up(ctx: &Ctx, bridge: &Bridge) -> Result<Option<Call>, Error> {
    let fallback = fallback_of(ctx, bridge).await?;
    let call = turn(ctx, bridge.call, |call| fallback.apply(call)).await?;
    done(ctx, bridge.call, &Owed::Fallback).await?;
    if let Some(bridge) = ctx.store.bridge(bridge.call).await? {
        hint(ctx, &bridge).await;
    }
    Ok(call)
}

/// Ends the call, if it is not over by itself.
async fn end(ctx: &Ctx, id: CallId) -> Result<(), Error> {
    let call = ctx.store.call_unchecked(id).await?;
    let open = call.filter(|call| !call.status.is_ended());
    let Some(sid) = open.and_then(|call| call.sid) else {
        return Ok(());
    };
    hang_up(ctx, id, &sid, "a call without its human agent").await
}

/// Hangs up; what the carrier refuses is only said: it will not be granted later either, and it ends by itself.
async fn hang_up(ctx: &Ctx, call: CallId, sid: &str, what: &str) -> Result<(), Error> {
    match ctx.carrier.hang_up(sid).await {
        Ok(()) => Ok(()),
        Err(CarrierError::Refused(why)) => {
            tracing::error!(call.id = %call, "{what} could not be hung up: {why}");
            Ok(())
        }
        Err(error) => Err(Error::internal(error)),
    }
}

/// Who talked, and whether the caller got nobody: on the call's row, whose totals follow.
async fn note(ctx: &Ctx, bridge: &Bridge) -> Result<(), Error> {
    fold::change(ctx, bridge.call, |call| {
        let machine = call
            .answered_by
            .is_some_and(trunkline_domain::AnsweredBy::is_machine);
        let next = Call {
            operator: bridge.talked.or(call.operator),
            abandoned: bridge.is_abandoned() && !machine,
            ..call.clone()
        };
        (next != *call).then_some(next)
    })
    .await?;
    Ok(())
}

/// What a campaign has instead of a person.
enum Instead {
    /// The AI agent that kept the caller takes it back.
    Back,
    Campaign(Fallback),
}

impl Instead {
    fn apply(&self, call: &mut Call) {
        call.next = Some(match self {
            Self::Back => Next::Resume,
            Self::Campaign(Fallback::Goodbye) => Next::Goodbye,
            Self::Campaign(Fallback::Voicemail) => Next::Voicemail,
            Self::Campaign(Fallback::VoiceAgent(agent)) => {
                call.voice_agent = Some(*agent);
                Next::Resume
            }
        });
    }
}

async fn fallback_of(ctx: &Ctx, bridge: &Bridge) -> Result<Instead, Error> {
    if bridge.ai {
        return Ok(Instead::Back);
    }
    let Some(campaign) = campaign(ctx, bridge.call).await? else {
        return Ok(Instead::Campaign(Fallback::Goodbye));
    };
    // Gone or not to be had: a word of apology is always there.
    let there = match campaign.fallback {
        Fallback::Goodbye => true,
        Fallback::Voicemail => crate::voicemail::playable(ctx, campaign.tenant, campaign.id)
            .await?
            .is_some(),
        Fallback::VoiceAgent(agent) => ctx.store.voice_agent(campaign.tenant, agent).await?.is_some(),
    };
    Ok(Instead::Campaign(if there {
        campaign.fallback
    } else {
        Fallback::Goodbye
    }))
}

async fn campaign(ctx: &Ctx, call: CallId) -> Result<Option<Campaign>, StoreError> {
    let Some(call) = ctx.store.call_unchecked(call).await? else {
        return Ok(None);
    };
    fold::campaign_of(ctx, &call).await
}

/// Writes what follows on the call's row and has the carrier ask for it.
async fn send_on(ctx: &Ctx, id: CallId, what: impl Fn(&mut Call)) -> Result<(), Error> {
    let Some(call) = turn(ctx, id, what).await? else {
        return Ok(());
    };
    redirect(ctx, &call).await.map_err(Error::internal)
}

/// Has the carrier ask what follows for a call: its `next`.
pub(crate) async fn redirect(ctx: &Ctx, call: &Call) -> Result<(), CarrierError> {
    let (Some(sid), false) = (call.sid.as_deref(), call.status.is_ended()) else {
        return Ok(());
    };
    let hooks = HookUrls::new(&ctx.settings.hook_url);
    let url = hooks.stream_ended(call.id, call.epoch, call.gen_next);
    ctx.carrier.redirect(sid, &url).await
}

async fn turn(ctx: &Ctx, id: CallId, what: impl Fn(&mut Call)) -> Result<Option<Call>, StoreError> {
    fold::change(ctx, id, |call| {
        let mut next = call.clone();
        what(&mut next);
        (!call.status.is_ended() && next != *call).then_some(next)
    })
    .await
}
