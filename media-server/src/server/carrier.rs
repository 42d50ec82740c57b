//! A carrier's socket: admitted by the platform, then held as a conversation.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use axum::extract::ws::WebSocket;
use tokio::sync::mpsc;
use tokio::time::{Instant, timeout};

use super::{ADMIT, MediaServer, Pending, Seat};
use crate::clock::Clock;
use crate::driver::{Driver, Steer};
use crate::plan::session_config;
use crate::port::{CallPlan, CallPort, CallRef, NoPlatform, Refused, StreamStart};
use crate::session::Session;
use crate::stream::Wire;
use crate::stream::twilio::{ClosePolicy, Codec, Handshake, close_with, read_start};

impl MediaServer {
    /// Serves one socket from its first message to its last.
    pub(crate) async fn stream(self, mut socket: WebSocket, pending: Pending) {
        let deadline = Instant::now() + self.inner.options.start_timeout;
        let start = match read_start(&mut socket, deadline).await {
            Ok(start) => start,
            Err(reason) => {
                tracing::info!(reason, "a media socket was closed before it started");
                return close_with(&mut socket, ClosePolicy::Policy, reason).await;
            }
        };
        let started = Instant::now();
        drop(pending);
        match self.admit(Handshake::of(*start)).await {
            Ok(admitted) => {
                let Admitted {
                    plan,
                    port,
                    stream_sid,
                    seat,
                    steering,
                } = admitted;
                let engines = match self.inner.parts.engines(&plan) {
                    Ok(engines) => engines,
                    Err(error) => {
                        tracing::error!(call.id = %seat.call.call_id, %error, "a call cannot be held");
                        return close_with(&mut socket, ClosePolicy::Internal, "no provider").await;
                    }
                };
                let options = &self.inner.options;
                let config = session_config(&plan, &engines, &options.timings, options.opt_out);
                let driver = Driver {
                    call: Arc::clone(&seat.call),
                    session: Session::new(config),
                    engines,
                    vad: self.inner.parts.vad().open(),
                    port,
                    steering,
                    wire: Wire::Twilio(Box::new(Codec::new(&stream_sid))),
                    socket,
                    plan,
                    clock: Clock::since(started),
                    leash: None,
                };
                // Boxed: a socket that never starts should not carry a conversation's size.
                Box::pin(driver.run()).await;
                drop(seat);
            }
            Err((code, reason)) => close_with(&mut socket, code, &reason).await,
        }
    }

    async fn admit(&self, handshake: Handshake) -> Result<Admitted, (ClosePolicy, String)> {
        match handshake {
            Handshake::Refused(reason) => {
                tracing::warn!(reason, "a media stream was refused");
                Err((ClosePolicy::Policy, reason.to_owned()))
            }
            Handshake::Anonymous { stream_sid } => {
                let Some(open) = &self.inner.options.open else {
                    tracing::warn!("a media stream without call and token was refused");
                    return Err((
                        ClosePolicy::Policy,
                        "the parameters callId and token are needed".to_owned(),
                    ));
                };
                let number = self.inner.opened.fetch_add(1, Ordering::Relaxed);
                let call = CallRef {
                    call_id: format!("open-{number}"),
                    generation: 0,
                };
                let (seat, steering) = self.take_seat(call)?;
                Ok(Admitted {
                    plan: open.plan.clone(),
                    port: Arc::new(NoPlatform),
                    stream_sid,
                    seat,
                    steering,
                })
            }
            Handshake::Call(start) => {
                let (seat, steering) = self.take_seat(start.call.clone())?;
                let plan = self.ask_platform(&start).await?;
                let port = Arc::clone(&self.inner.port);
                Ok(Admitted {
                    plan,
                    port,
                    stream_sid: start.stream_sid,
                    seat,
                    steering,
                })
            }
        }
    }

    async fn ask_platform(&self, start: &StreamStart) -> Result<CallPlan, (ClosePolicy, String)> {
        let admitted = timeout(ADMIT, self.inner.port.admit(start)).await;
        let refused = match admitted {
            Ok(Ok(plan)) => return Ok(plan),
            Ok(Err(refused)) => refused,
            Err(_) => Refused::Unavailable("the platform did not answer in time".to_owned()),
        };
        let code = match &refused {
            Refused::Token | Refused::Used | Refused::NoCall => ClosePolicy::Policy,
            Refused::Unavailable(_) => ClosePolicy::Internal,
        };
        tracing::warn!(call.id = %start.call.call_id, why = ?refused, "a media stream was refused");
        Err((code, refused.to_string()))
    }
}

/// A stream that may start.
struct Admitted {
    plan: CallPlan,
    port: Arc<dyn CallPort>,
    stream_sid: String,
    seat: Seat,
    steering: mpsc::Receiver<Steer>,
}
