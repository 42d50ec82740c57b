//! What follows in a call: the next media stream, the room, a message, the end.

use trunkline_auth::StreamGrant;
use trunkline_domain::{
    Call, CallStatus, Error,
    bridge::{Ending, Stage},
    call::Next,
};

use super::Answer;
use crate::{Ctx, bridging, dialing::fold, voicemail};

/// How often a stream that died is opened anew before the call is given up.
const RESUMES: u32 = 2;

const NO_OPERATOR: &str = "I am sorry, nobody is free to take your call right now. Goodbye.";
const GAVE_UP: &str = "I am sorry, we have a technical problem and cannot go on with this call. Goodbye.";

/// What the call's `next` asks for; `generation`: the stream that has ended.
pub(super) async fn follow(ctx: &Ctx, call: &Call, generation: u32) -> Result<Answer, Error> {
    match call.next {
        Some(Next::Hangup) => Ok(Answer::Hangup),
        Some(Next::Goodbye) => Ok(say(NO_OPERATOR)),
        Some(Next::Operator) => to_operator(ctx, call).await,
        Some(Next::Voicemail) => {
            let message = match call.campaign {
                Some(campaign) => voicemail::playable(ctx, call.tenant, campaign).await?,
                None => None,
            };
            Ok(message.map_or(Answer::Hangup, |url| Answer::Play { url }))
        }
        None | Some(Next::Resume | Next::Listen) if call.gen_next > generation + 1 => {
            // A repeated callback: the stream that it asks for is open already.
            open_stream(ctx, call).await
        }
        // A machine needs no apology.
        Some(Next::Listen) if generation >= RESUMES => Ok(Answer::Hangup),
        None if generation >= RESUMES => Ok(say(GAVE_UP)),
        None | Some(Next::Resume | Next::Listen) => open_stream(ctx, call).await,
    }
}

/// A human agent has accepted; whoever is too late for that goes back to the AI agent.
async fn to_operator(ctx: &Ctx, call: &Call) -> Result<Answer, Error> {
    let Some(bridge) = bridging::caller_comes(ctx, call.id).await? else {
        return Ok(say(NO_OPERATOR));
    };
    match bridge.stage {
        Stage::Seeking | Stage::Ringing(_) | Stage::Accepted(_) | Stage::Talking { .. } => Ok(room(call)),
        Stage::Over(Ending::Nobody) => open_stream(ctx, call).await,
        Stage::Over(Ending::CallerLeft | Ending::OperatorLeft | Ending::GaveUp | Ending::Machine) => {
            Ok(Answer::Hangup)
        }
    }
}

/// The room, for the caller.
pub(super) const fn room(call: &Call) -> Answer {
    Answer::Room {
        call: call.id,
        epoch: call.epoch,
        leg: None,
    }
}

/// Makes the next stream of a call and the token that opens it.
pub(super) async fn open_stream(ctx: &Ctx, call: &Call) -> Result<Answer, Error> {
    if call.voice_agent.is_none() && call.next != Some(Next::Listen) {
        return Ok(say(NO_OPERATOR));
    }
    let opened = fold::change(ctx, call.id, |call| {
        let talks = call.status == CallStatus::Talking;
        talks.then(|| Call {
            gen_next: call.gen_next + 1,
            // Whoever opens it learns by this that it only listens.
            next: call.next.filter(|next| *next == Next::Listen),
            instance: None,
            ..call.clone()
        })
    });
    let Some(call) = opened.await?.filter(|call| call.status == CallStatus::Talking) else {
        return Ok(Answer::Hangup);
    };
    let generation = call.gen_next - 1;
    let token = ctx.keys.stream_token(
        StreamGrant {
            call: call.id,
            epoch: call.epoch,
            generation,
        },
        ctx.now(),
    );
    Ok(Answer::Stream {
        call: call.id,
        epoch: call.epoch,
        generation,
        token,
    })
}

fn say(text: &str) -> Answer {
    Answer::Say {
        text: text.to_owned(),
    }
}
