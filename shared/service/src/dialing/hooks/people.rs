//! Calls that human agents take: the caller waits in a room, a telephone is rung, and a machine is nobody to wait for.

use trunkline_domain::{
    AnsweredBy, Call, CallId, Error,
    bridge::{Ending, Stage},
    call::Next,
    call_status::Report,
};
use trunkline_telephony::form::ConferenceForm;

use super::{Answer, streams};
use crate::{
    Ctx,
    bridging::{self, Room},
    dialing::fold,
};

const GONE: &str = "The caller has gone. Goodbye.";

/// A person whom nobody talks to yet.
pub(super) async fn answered(ctx: &Ctx, call: &Call) -> Result<Answer, Error> {
    if let Some(by) = call.answered_by.filter(|by| by.is_machine()) {
        return match for_machine(ctx, call, by).await? {
            Some(call) => streams::follow(ctx, &call, call.gen_next).await,
            None => Ok(Answer::Hangup),
        };
    }
    let campaign = fold::campaign_of(ctx, call).await?;
    let bridge = bridging::begin(ctx, call, campaign.as_ref()).await?;
    match bridge.stage {
        Stage::Seeking | Stage::Ringing(_) | Stage::Accepted(_) | Stage::Talking { .. } => {
            Ok(streams::room(call))
        }
        Stage::Over(Ending::Nobody) => match bridging::give_up(ctx, &bridge).await? {
            Some(call) => streams::follow(ctx, &call, call.gen_next).await,
            None => Ok(Answer::Hangup),
        },
        // What a machine gets instead stands on the call already.
        Stage::Over(Ending::Machine) if call.next.is_some() => {
            streams::follow(ctx, call, call.gen_next).await
        }
        Stage::Over(Ending::CallerLeft | Ending::OperatorLeft | Ending::GaveUp | Ending::Machine) => {
            Ok(Answer::Hangup)
        }
    }
}

/// What a machine gets: the message after its beep, which somebody must hear first; none: nothing.
pub(super) async fn for_machine(ctx: &Ctx, call: &Call, by: AnsweredBy) -> Result<Option<Call>, Error> {
    let campaign = fold::campaign_of(ctx, call).await?;
    if campaign.is_none_or(|campaign| campaign.voicemail_message_url.is_none()) {
        return Ok(None);
    }
    let next = if by == AnsweredBy::MachineStart {
        Next::Listen
    } else {
        Next::Voicemail
    };
    let turned = fold::change(ctx, call.id, |call| {
        (!call.status.is_ended() && call.next != Some(next)).then(|| Call {
            next: Some(next),
            ..call.clone()
        })
    });
    Ok(turned.await?)
}

/// A human agent's telephone was answered, or a key was pressed on it (`key`).
///
/// # Errors
/// When the store does not answer; the carrier asks again.
pub async fn agent_answered(
    ctx: &Ctx,
    id: CallId,
    leg: Option<u32>,
    sid: &str,
    key: bool,
) -> Result<Answer, Error> {
    let Some(call) = ctx.store.call_unchecked(id).await? else {
        return Ok(Answer::Hangup);
    };
    let room = match leg {
        Some(leg) => bridging::agent_answered(ctx, id, leg, sid, key).await?,
        // As the Dialer's document writes the address: of a telephone that we did not ring.
        None => Room::Gone,
    };
    match (room, leg) {
        (Room::Asked, Some(leg)) => Ok(Answer::Whisper {
            text: whisper(ctx, &call).await?,
            call: id,
            epoch: call.epoch,
            leg,
        }),
        (Room::In, Some(leg)) => Ok(Answer::Room {
            call: id,
            epoch: call.epoch,
            leg: Some(leg),
        }),
        (Room::Asked | Room::In | Room::Gone, _) => Ok(Answer::Say {
            text: GONE.to_owned(),
        }),
    }
}

/// Who is there: the lead by name where it has one, else the campaign.
async fn whisper(ctx: &Ctx, call: &Call) -> Result<String, Error> {
    let lead = match call.campaign {
        Some(campaign) => ctx.store.lead_by_number(call.tenant, campaign, &call.to).await?,
        None => None,
    };
    let name = lead.map(|lead| {
        let parts = [lead.first_name, lead.last_name];
        parts.into_iter().flatten().collect::<Vec<_>>().join(" ")
    });
    let who = match name.filter(|name| !name.trim().is_empty()) {
        Some(name) => format!("{name} is on the line."),
        None => fold::campaign_of(ctx, call).await?.map_or_else(
            || "There is a call for you.".to_owned(),
            |campaign| format!("There is a call for {}.", campaign.name),
        ),
    };
    Ok(format!("{who} Press any key to take the call."))
}

/// How a human agent's telephone stands.
///
/// # Errors
/// When the store does not answer; the carrier tells again.
pub async fn leg_status(ctx: &Ctx, id: CallId, leg: u32, sid: &str, report: Report) -> Result<(), Error> {
    Ok(bridging::leg_status(ctx, id, leg, sid, report).await?)
}

/// Somebody came to a call's room, or left it.
///
/// # Errors
/// When the store does not answer; the carrier tells again.
pub async fn in_room(ctx: &Ctx, id: CallId, form: &ConferenceForm) -> Result<(), Error> {
    match ctx.store.call_unchecked(id).await? {
        Some(call) => Ok(bridging::in_room(ctx, &call, form).await?),
        None => Ok(()),
    }
}
