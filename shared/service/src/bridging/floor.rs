//! Who hears whom while a caller and a human agent talk: hold, mute, and a supervisor who listens, whispers or barges in.
//!
//! All of it is the carrier's to keep. What is written is whose telephones are to go when the talk is over.

use trunkline_auth::Principal;
use trunkline_domain::{
    Call, CallId, E164, Error, Role,
    bridge::{Event, Leg, Stage},
    error::Kind,
};
use trunkline_telephony::{CarrierError, Change, Guest, Part, Seat};

use super::{hint, observe};
use crate::{Ctx, operators};

/// How long a supervisor's telephone rings, in seconds.
const RING_S: u32 = 30;

/// What a supervisor does in a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Hears both, and is heard by nobody.
    Listen,
    /// Hears both, and is heard by the human agent alone.
    Whisper,
    /// Is heard by both.
    Barge,
}

impl Mode {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Listen, Self::Whisper, Self::Barge];

    /// The word for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Listen => "listen",
            Self::Whisper => "whisper",
            Self::Barge => "barge",
        }
    }
}

/// Whether a supervisor's telephone had to be rung.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Supervision {
    /// It rings; who answers it is in the call.
    Rung,
    /// It is in the call, or rings, and takes part in the new way from now on.
    Changed,
}

/// The caller hears music and is not heard, or hears and is heard again. For the human agent who talks, or a manager.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::Forbidden`]; [`Error::Conflict`] unless caller and human agent talk; [`Error::Unavailable`] when the
/// carrier does not answer.
pub async fn hold(ctx: &Ctx, who: &Principal, id: CallId, hold: bool) -> Result<(), Error> {
    let floor = Floor::of_talker(ctx, who, id).await?;
    floor.change(ctx, &floor.caller, &Change::Hold(hold)).await
}

/// The human agent is not heard, or is heard again. For the human agent who talks, or a manager.
///
/// # Errors
/// As of [`hold`].
pub async fn mute(ctx: &Ctx, who: &Principal, id: CallId, muted: bool) -> Result<(), Error> {
    let floor = Floor::of_talker(ctx, who, id).await?;
    floor.change(ctx, &floor.operator, &Change::Mute(muted)).await
}

/// Lets a manager take part: rings this telephone, or the manager's own as a human agent, or changes what one does who is in the
/// call already.
///
/// # Errors
/// As of [`hold`]; [`Error::Invalid`] for a telephone that cannot be rung; [`Error::Forbidden`] where the tenant may not ring it.
pub async fn supervise(
    ctx: &Ctx,
    who: &Principal,
    id: CallId,
    mode: Mode,
    phone: Option<&str>,
) -> Result<Supervision, Error> {
    who.require(Role::Manager)?;
    let floor = Floor::of(ctx, who, id).await?;
    let part = floor.part(mode);
    let label = label(who);
    let seat = floor.seat(&label);
    let change = Change::Part(part.clone());
    let there = ctx.carrier.change_participant(&seat, &change).await;
    if let Some(sid) = there.map_err(|error| refused(id, error))? {
        floor.with_guest(ctx, sid).await?;
        return Ok(Supervision::Changed);
    }
    let guest = Guest {
        phone: floor.phone(ctx, who, phone).await?,
        from: floor.call.from.clone(),
        label,
        part,
        ring_timeout_s: RING_S,
        time_limit_s: floor.call.time_limit_s.max(60),
    };
    match ctx.carrier.invite(&floor.conference, &guest).await {
        Ok(sid) => {
            floor.with_guest(ctx, sid).await?;
            Ok(Supervision::Rung)
        }
        Err(CarrierError::Refused(what)) => {
            tracing::info!(call.id = %id, "a supervisor's telephone cannot be rung: {what}");
            Err(Error::invalid("phone", "cannot be rung: the carrier refuses it"))
        }
        Err(error) => Err(refused(id, error)),
    }
}

/// Takes a manager out who supervises a call.
///
/// # Errors
/// As of [`hold`]; [`Error::Conflict`] when it does not supervise this call.
pub async fn leave(ctx: &Ctx, who: &Principal, id: CallId) -> Result<(), Error> {
    who.require(Role::Manager)?;
    let floor = Floor::of(ctx, who, id).await?;
    let gone = ctx.carrier.dismiss(&floor.seat(&label(who))).await;
    if gone.map_err(|error| refused(id, error))? {
        return Ok(());
    }
    Err(Error::conflict(Kind::Call, "you do not supervise this call"))
}

/// A call in which caller and human agent talk.
struct Floor {
    call: Call,
    conference: String,
    /// The carrier's ids of their calls.
    caller: String,
    operator: String,
    leg: Leg,
}

impl Floor {
    /// For whoever talks in it, or a manager.
    async fn of_talker(ctx: &Ctx, who: &Principal, id: CallId) -> Result<Self, Error> {
        let call = call(ctx, who, id).await?;
        let bridge = ctx.store.bridge(id).await?;
        if who.require(Role::Manager).is_err() {
            let own = operators::own(ctx, who).await?.map(|operator| operator.id);
            let leg = bridge.as_ref().and_then(|bridge| bridge.leg());
            let theirs = [call.operator, leg.map(|leg| leg.operator)];
            if own.is_none() || !theirs.contains(&own) {
                // A human agent sees the calls of its own only.
                who.require(Role::User).map_err(|_| Error::NotFound(Kind::Call))?;
                who.require(Role::Manager)?;
            }
        }
        Self::new(call, bridge.map(|bridge| bridge.stage))
    }

    async fn of(ctx: &Ctx, who: &Principal, id: CallId) -> Result<Self, Error> {
        let call = call(ctx, who, id).await?;
        let bridge = ctx.store.bridge(id).await?;
        Self::new(call, bridge.map(|bridge| bridge.stage))
    }

    fn new(call: Call, stage: Option<Stage>) -> Result<Self, Error> {
        let Some(Stage::Talking { leg, .. }) = stage else {
            return Err(nobody_talks());
        };
        let (Some(conference), Some(caller), Some(operator)) =
            (call.conference.clone(), call.sid.clone(), leg.sid.clone())
        else {
            return Err(nobody_talks());
        };
        if call.status.is_ended() {
            return Err(nobody_talks());
        }
        Ok(Self {
            call,
            conference,
            caller,
            operator,
            leg,
        })
    }

    fn seat(&self, who: &str) -> Seat {
        Seat {
            conference: self.conference.clone(),
            who: who.to_owned(),
        }
    }

    fn part(&self, mode: Mode) -> Part {
        match mode {
            Mode::Listen => Part::Listens,
            Mode::Whisper => Part::Whispers {
                to: self.operator.clone(),
            },
            Mode::Barge => Part::Speaks,
        }
    }

    async fn change(&self, ctx: &Ctx, who: &str, change: &Change) -> Result<(), Error> {
        let there = ctx.carrier.change_participant(&self.seat(who), change).await;
        if there.map_err(|error| refused(self.call.id, error))?.is_some() {
            return Ok(());
        }
        // They have just hung up; the row will say so.
        Err(nobody_talks())
    }

    /// From now on this telephone goes when they have done talking; at once, if they have.
    async fn with_guest(&self, ctx: &Ctx, sid: String) -> Result<(), Error> {
        if let Some(bridge) = observe(ctx, self.call.id, &Event::Guest(sid)).await? {
            hint(ctx, &bridge).await;
        }
        Ok(())
    }

    /// The telephone to be rung for a supervisor.
    async fn phone(&self, ctx: &Ctx, who: &Principal, given: Option<&str>) -> Result<E164, Error> {
        let phone = match given {
            Some(text) => {
                E164::read(text, None).map_err(|error| Error::invalid("phone", error.to_string()))?
            }
            None => operators::own(ctx, who)
                .await?
                .map(|own| own.phone)
                .ok_or_else(|| {
                    Error::invalid(
                        "phone",
                        "is required: you are no human agent with a telephone of your own",
                    )
                })?,
        };
        let operator = ctx.store.operator(who.tenant, self.leg.operator).await?;
        if operator.is_some_and(|operator| operator.phone == phone) {
            return Err(Error::invalid("phone", "is the telephone of the agent who talks"));
        }
        if phone == self.call.to || phone == self.call.from.0 {
            return Err(Error::invalid("phone", "is a number of the call itself"));
        }
        let tenant = ctx.store.tenant(who.tenant).await?;
        if tenant.is_some_and(|tenant| tenant.may_dial && tenant.reaches(&phone)) {
            return Ok(phone);
        }
        let what = "this tenant may not ring that number: the platform's admin grants it calls and countries";
        Err(Error::Forbidden(what.to_owned()))
    }
}

async fn call(ctx: &Ctx, who: &Principal, id: CallId) -> Result<Call, Error> {
    ctx.store
        .call(who.tenant, id)
        .await?
        .ok_or(Error::NotFound(Kind::Call))
}

/// By which a manager is found in a conference.
fn label(who: &Principal) -> String {
    format!("supervisor-{}", who.user)
}

fn nobody_talks() -> Error {
    let what =
        "no human agent talks in this call now: it can be held, muted and supervised only while one does";
    Error::conflict(Kind::Call, what)
}

fn refused(call: CallId, error: CarrierError) -> Error {
    match error {
        CarrierError::Unreachable(what) => {
            tracing::warn!(call.id = %call, "the carrier's conference could not be changed: {what}");
            Error::Unavailable {
                what: "the carrier does not answer; try again".to_owned(),
                retry_after_s: 2,
            }
        }
        CarrierError::Refused(what) => {
            Error::internal(format!("the carrier refuses to change a conference: {what}"))
        }
    }
}
