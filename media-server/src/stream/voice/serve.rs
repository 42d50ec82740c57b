//! One browser's call, from its first message to its last.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::ws::WebSocket;
use futures::future::BoxFuture;
use tokio::time::{Instant, sleep, timeout};

use super::Codec;
use super::codec::Status;
use super::handshake::{Query, read_auth, respond};
use crate::clock::Clock;
use crate::driver::Driver;
use crate::outbox::persist;
use crate::plan::session_config;
use crate::port::{CallPort, VoiceCall, VoiceRefused, VoiceStart};
use crate::server::{ADMIT, MediaServer, Pending};
use crate::session::{Next, Session, Stats, Timings};
use crate::stream::Wire;
use crate::stream::twilio::{ClosePolicy, close_with};

/// How often a call's token is looked at: an ended login ends it within a second.
const LEASH: Duration = Duration::from_millis(600);

/// For a call that could not be begun after all.
const UNDO: Duration = Duration::from_secs(5);

pub(super) async fn serve(server: MediaServer, mut socket: WebSocket, query: Query, pending: Pending) {
    let deadline = Instant::now() + server.inner.options.start_timeout;
    let start = match read_auth(&mut socket, query, deadline).await {
        Ok(start) => start,
        Err(reason) => {
            tracing::info!(reason, "a browser's socket was closed before its call");
            respond(&mut socket, None, reason).await;
            return close_with(&mut socket, ClosePolicy::Unauthorized, reason).await;
        }
    };
    drop(pending);
    match begin(&server, &start).await {
        Ok(call) => Box::pin(talk(server, socket, start, call)).await,
        Err(refused) => {
            tracing::warn!(why = ?refused, "a browser's call was refused");
            let message = refused.to_string();
            respond(&mut socket, None, &message).await;
            close_with(&mut socket, code(&refused), &message).await;
        }
    }
}

/// Makes the call. A full server refuses before there is one.
async fn begin(server: &MediaServer, start: &VoiceStart) -> Result<VoiceCall, VoiceRefused> {
    if server.free() == 0 {
        return Err(VoiceRefused::Full);
    }
    timeout(ADMIT, server.inner.port.voice_open(start))
        .await
        .unwrap_or_else(|_| {
            Err(VoiceRefused::Unavailable(
                "the platform did not answer in time".to_owned(),
            ))
        })
}

async fn talk(server: MediaServer, mut socket: WebSocket, start: VoiceStart, call: VoiceCall) {
    let VoiceCall { call, plan } = call;
    let inner = &server.inner;
    let engines = inner.parts.engines(&plan);
    let (engines, (seat, steering)) = match (engines, server.take_seat(call.clone())) {
        (Ok(engines), Ok(seat)) => (engines, seat),
        (engines, seat) => {
            if let Err(error) = &engines {
                tracing::error!(call.id = %call.call_id, %error, "a call cannot be held");
            }
            let (code, reason) = match seat {
                Err((code, reason)) => (code, reason),
                Ok(_) => (ClosePolicy::Internal, "no provider".to_owned()),
            };
            let none = Stats::default();
            let ended = persist(|| inner.port.finish(&call, Next::Hangup, &none), UNDO).await;
            if let Err(error) = ended {
                tracing::error!(call.id = %call.call_id, %error, "a call that did not begin could not be ended");
            }
            respond(&mut socket, None, &reason).await;
            return close_with(&mut socket, code, &reason).await;
        }
    };
    respond(&mut socket, Some(&call.call_id), "authenticated").await;
    let config = session_config(
        &plan,
        &engines,
        &timings(&inner.options.timings),
        inner.options.opt_out,
    );
    let mut codec = Codec::new(&call.call_id, &start.agent_id);
    codec.status(Status::Ready);
    let driver = Driver {
        call: Arc::clone(&seat.call),
        session: Session::new(config),
        engines,
        vad: inner.parts.vad().open(),
        port: Arc::clone(&inner.port),
        steering,
        wire: Wire::Voice(Box::new(codec)),
        socket,
        plan,
        clock: Clock::since(Instant::now()),
        leash: Some(leash(Arc::clone(&inner.port), start.token)),
    };
    driver.run().await;
    drop(seat);
}

/// A browser plays what comes at once, sends no marks but a tenth of a second at a time, and has
/// the internet between.
fn timings(timings: &Timings) -> Timings {
    Timings {
        lead_ms: 200,
        low_lead_ms: 100,
        mark_grace_ms: 200,
        stall_ms: 300,
        ..timings.clone()
    }
}

/// Ends when the token is not good any more. That the platform cannot say, or takes no new calls, is no reason.
fn leash(port: Arc<dyn CallPort>, token: String) -> BoxFuture<'static, ()> {
    Box::pin(async move {
        loop {
            sleep(LEASH).await;
            match port.voice_token(&token).await {
                Ok(()) | Err(VoiceRefused::Full | VoiceRefused::Closed(_) | VoiceRefused::Unavailable(_)) => {
                }
                Err(VoiceRefused::Token(_) | VoiceRefused::Expired | VoiceRefused::Request(_)) => return,
            }
        }
    })
}

const fn code(refused: &VoiceRefused) -> ClosePolicy {
    match refused {
        VoiceRefused::Token(_) | VoiceRefused::Expired => ClosePolicy::Unauthorized,
        VoiceRefused::Request(_) => ClosePolicy::Policy,
        VoiceRefused::Full | VoiceRefused::Closed(_) => ClosePolicy::TryLater,
        VoiceRefused::Unavailable(_) => ClosePolicy::Internal,
    }
}
