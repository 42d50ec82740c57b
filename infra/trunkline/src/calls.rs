//! The platform as the media server sees it: its port, over the services.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use async_trait::async_trait;
use bytes::Bytes;
use tokio::sync::watch;
use trunkline_auth::{Principal, StreamGrant};
use trunkline_domain::{
    AnsweredBy, Call, CallId, Direction as Way, Error,
    call::Next as After,
    shares::{Share, StreamShares},
    transcript::{Speaker, TranscriptLine},
};
use trunkline_media::{
    WorkByName,
    port::{
        CallPlan, CallPort, CallRef, PortError, Refused, StreamStart, VoiceCall, VoiceRefused, VoiceStart,
    },
    session::{Direction, EndedBy, LineRecord, MachinePolicy, Next, OptOutBy, Stats, Track},
};
use trunkline_providers::registry::SpeechStatus;
use trunkline_service::{
    Ctx,
    bridging::{self, Begun, Stands},
    calls::web,
    dialing::media::{self, Admitted},
    identity,
    parts::BUILTIN,
};

use crate::call_plan::plan;

/// The services, as a media server's port.
#[derive(Debug)]
pub struct ServicePort {
    ctx: Ctx,
    /// The calls that stream here: what each line and segment belongs to.
    live: Mutex<HashMap<CallRef, Live>>,
    /// Before the speech models are there no conversation can be carried.
    speech: watch::Receiver<SpeechStatus>,
    /// Whether it is published that conversations can be carried here.
    open: watch::Sender<bool>,
}

#[derive(Debug, Clone)]
struct Live {
    call: Arc<Call>,
    began: trunkline_domain::Instant,
    /// The vendor's language model that its plan names.
    model: Option<String>,
}

impl Live {
    fn of(admitted: &Admitted, began: trunkline_domain::Instant) -> Self {
        let llm = admitted.talker.as_ref().map(|talker| &talker.parts.llm);
        Self {
            call: Arc::new(admitted.call.clone()),
            began,
            model: llm
                .filter(|llm| llm.account.is_some())
                .and_then(|llm| llm.part.model.clone()),
        }
    }
}

impl ServicePort {
    /// A port over these services.
    #[must_use]
    pub fn new(ctx: Ctx, speech: watch::Receiver<SpeechStatus>) -> Self {
        Self {
            ctx,
            live: Mutex::default(),
            speech,
            open: watch::Sender::new(false),
        }
    }

    /// Whether conversations can be carried here, and all that hand them out can know it.
    #[must_use]
    pub fn open(&self) -> watch::Receiver<bool> {
        self.open.subscribe()
    }

    fn table(&self) -> std::sync::MutexGuard<'_, HashMap<CallRef, Live>> {
        // Plain data: a panic elsewhere leaves it whole.
        self.live.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whose token it is; under maintenance nobody begins but the admin.
    async fn caller(&self, token: &str) -> Result<Principal, VoiceRefused> {
        let (who, closed) = identity::admit(&self.ctx, token)
            .await
            .map_err(|error| voice_refused(&error))?;
        match closed {
            None => Ok(who),
            Some(maintenance) => Err(VoiceRefused::Closed(maintenance.message)),
        }
    }

    fn live(&self, call: &CallRef) -> Result<Live, PortError> {
        self.table()
            .get(call)
            .cloned()
            .ok_or_else(|| PortError::Never("the stream was not admitted here".to_owned()))
    }
}

#[async_trait]
impl CallPort for ServicePort {
    async fn admit(&self, start: &StreamStart) -> Result<CallPlan, Refused> {
        let call: CallId = start.call.call_id.parse().map_err(|_| Refused::NoCall)?;
        let grant = StreamGrant {
            call,
            epoch: start.epoch,
            generation: start.call.generation,
        };
        let admitted = media::admit(&self.ctx, grant, &start.token, &start.call_sid)
            .await
            .map_err(refused)?;
        if admitted.call.account != start.account_sid {
            return Err(Refused::NoCall);
        }
        let live = Live::of(&admitted, self.ctx.now());
        self.table().insert(start.call.clone(), live);
        Ok(plan(admitted))
    }

    fn handshake_signed(&self, path_and_query: &str, signature: &str) -> bool {
        let url = format!("{}{path_and_query}", self.ctx.settings.media_url);
        self.ctx.carrier.signed(&url, &[], signature)
    }

    async fn line(&self, call: &CallRef, line: &LineRecord) -> Result<(), PortError> {
        let live = self.live(call)?;
        let line = TranscriptLine {
            generation: call.generation,
            start_ms: line.start_ms,
            end_ms: line.end_ms,
            speaker: match line.track {
                Track::Caller => Speaker::User,
                Track::Agent => Speaker::Agent,
            },
            text: line.text.clone(),
            confidence: line.confidence,
            at: live.began + chrono::Duration::milliseconds(i64::try_from(line.start_ms).unwrap_or(0)),
        };
        media::line(&self.ctx, live.call.id, &line).await.map_err(later)
    }

    async fn segment(&self, call: &CallRef, number: u32, bytes: Bytes) -> Result<(), PortError> {
        let live = self.live(call)?;
        media::segment(&self.ctx, &live.call, call.generation, number, bytes.to_vec())
            .await
            .map_err(later)
    }

    async fn opt_out(&self, call: &CallRef, by: OptOutBy) -> Result<(), PortError> {
        let live = self.live(call)?;
        if live.call.direction == Way::Web {
            // Nobody was rung, so there is no number that is not to be called again.
            return Ok(());
        }
        media::opted_out(&self.ctx, &live.call, by.as_str())
            .await
            .map_err(later)
    }

    async fn find_person(&self, call: &CallRef) -> Result<bool, PortError> {
        let live = self.live(call)?;
        let begun = bridging::begin_for_ai(&self.ctx, &live.call).await;
        Ok(begun.map_err(later)? == Begun::Looking)
    }

    async fn is_sought(&self, call: &CallRef) -> Result<bool, PortError> {
        let live = self.live(call)?;
        Ok(
            match bridging::stands(&self.ctx, live.call.id).await.map_err(later)? {
                Stands::Looking | Stands::Coming => true,
                Stands::None | Stands::Nobody | Stands::Over => false,
            },
        )
    }

    async fn work(&self, call: &CallRef, work: &WorkByName) -> Result<(), PortError> {
        let live = self.live(call)?;
        let share = |(provider, amount): &(String, u64), model: Option<&String>| Share {
            provider: provider.clone(),
            model: model.filter(|_| provider != BUILTIN).cloned(),
            amount: *amount,
        };
        let shares = StreamShares {
            generation: call.generation,
            stt: work.heard_ms.iter().map(|part| share(part, None)).collect(),
            llm: work
                .written
                .iter()
                .map(|part| share(part, live.model.as_ref()))
                .collect(),
            tts: work.spoken.iter().map(|part| share(part, None)).collect(),
        };
        media::shares(&self.ctx, live.call.id, &shares)
            .await
            .map_err(later)
    }

    async fn finish(&self, call: &CallRef, next: Next, stats: &Stats) -> Result<(), PortError> {
        let live = self.live(call)?;
        if live.call.direction == Way::Web {
            let duration_s = u32::try_from(stats.duration_ms.div_ceil(1_000)).unwrap_or(u32::MAX);
            web::end(&self.ctx, live.call.id, duration_s, None)
                .await
                .map_err(|error| later(error.into()))?;
            self.table().remove(call);
            return Ok(());
        }
        let next = match next {
            Next::Hangup => After::Hangup,
            Next::Operator => After::Operator,
            Next::Voicemail => After::Voicemail,
            Next::Resume => After::Resume,
        };
        let by = (stats.ended_by == EndedBy::Machine).then_some(AnsweredBy::MachineEndOther);
        media::finish(&self.ctx, live.call.id, call.generation, next, by)
            .await
            .map_err(later)?;
        self.table().remove(call);
        Ok(())
    }

    async fn voice_token(&self, token: &str) -> Result<(), VoiceRefused> {
        self.caller(token).await.map(|_| ())
    }

    async fn voice_open(&self, start: &VoiceStart) -> Result<VoiceCall, VoiceRefused> {
        let who = self.caller(&start.token).await?;
        if *self.speech.borrow() != SpeechStatus::Ready {
            return Err(VoiceRefused::Unavailable(
                "the speech models are not there yet".to_owned(),
            ));
        }
        let not_yours = |what: &str| VoiceRefused::Request(format!("there is no such {what}"));
        let agent = start.agent_id.parse().map_err(|_| not_yours("voice agent"))?;
        let campaign = start.campaign_id.as_deref().map(str::parse).transpose();
        let campaign = campaign.map_err(|_| not_yours("campaign"))?;
        let admitted = web::open(&self.ctx, &who, agent, campaign)
            .await
            .map_err(|error| {
                if matches!(error, Error::Unavailable { .. }) {
                    VoiceRefused::Full
                } else {
                    voice_refused(&error)
                }
            })?;
        let call = CallRef {
            call_id: admitted.call.id.to_string(),
            generation: 0,
        };
        let live = Live::of(&admitted, self.ctx.now());
        self.table().insert(call.clone(), live);
        let plan = CallPlan {
            direction: Direction::Inbound,
            machine: MachinePolicy::Ignore,
            ..plan(admitted)
        };
        Ok(VoiceCall { call, plan })
    }

    async fn voice_metadata(&self, call: &CallRef, metadata: &str) -> Result<(), PortError> {
        let live = self.live(call)?;
        match web::describe(&self.ctx, live.call.id, metadata).await {
            Err(error @ Error::Invalid(_)) => Err(PortError::Never(error.to_string())),
            other => other.map_err(later),
        }
    }

    async fn capacity(&self, active: usize, free: usize) -> Result<(), PortError> {
        let ready = *self.speech.borrow() == SpeechStatus::Ready;
        let places = if ready {
            u32::try_from(active + free).unwrap_or(u32::MAX)
        } else {
            0
        };
        media::heartbeat(&self.ctx, places).await.map_err(later)?;
        self.open.send_replace(ready);
        Ok(())
    }
}

fn voice_refused(error: &Error) -> VoiceRefused {
    match error {
        Error::TokenExpired => VoiceRefused::Expired,
        Error::TokenInvalid(why) => VoiceRefused::Token(why.clone()),
        Error::Forbidden(_) | Error::NotFound(_) | Error::Invalid(_) => {
            VoiceRefused::Request(error.to_string())
        }
        Error::Malformed(_)
        | Error::BadCredentials
        | Error::Conflict { .. }
        | Error::RateLimited { .. }
        | Error::Unavailable { .. }
        | Error::TooLarge { .. }
        | Error::UnsupportedMedia(_)
        | Error::Internal(_) => VoiceRefused::Unavailable(error.to_string()),
    }
}

fn refused(error: Error) -> Refused {
    match error {
        Error::TokenInvalid(_) | Error::TokenExpired => Refused::Token,
        Error::NotFound(_) | Error::Conflict { .. } => Refused::NoCall,
        other @ (Error::Malformed(_)
        | Error::Invalid(_)
        | Error::BadCredentials
        | Error::Forbidden(_)
        | Error::RateLimited { .. }
        | Error::Unavailable { .. }
        | Error::TooLarge { .. }
        | Error::UnsupportedMedia(_)
        | Error::Internal(_)) => Refused::Unavailable(other.to_string()),
    }
}

#[expect(clippy::needless_pass_by_value, reason = "it is what map_err gives")]
fn later(error: Error) -> PortError {
    PortError::Retry(error.to_string())
}
