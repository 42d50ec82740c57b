//! One phone: talks for a second, listens, and interrupts every other reply.

use std::sync::Arc;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use futures::{SinkExt, StreamExt};
use tokio::net::TcpStream;
use tokio::time::{Instant, MissedTickBehavior, interval};
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};
use trunkline_media::audio::{FRAME, mulaw};
use trunkline_media::session::Timings;

use crate::figures::Figures;

const FRAME_TIME: Duration = Duration::from_millis(20);

/// How long a phone speaks, and pauses before it does.
const SENTENCE: Duration = Duration::from_millis(1_200);
const PAUSE: Duration = Duration::from_millis(600);

/// A phone that ticks later than this, in microseconds, measures itself.
const LATE_US: i64 = 3_000;

/// Into a reply, when an interruption begins.
const BUTT_IN: Duration = Duration::from_millis(420);

/// What the phone is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Doing {
    /// Silent until the agent has been silent for a while.
    Waiting,
    /// Saying a sentence since.
    Speaking(Instant),
    /// Silent since the end of its sentence.
    Listening(Instant),
    /// The agent speaks since.
    Hearing(Instant),
    /// Speaking over it since; its words began then.
    Interrupting(Instant, Instant),
}

struct Phone {
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    voice: Arc<[Message]>,
    silence: Message,
    doing: Doing,
    turns: u32,
    frames_sent: usize,
    /// When all that came will have been played, and whether a piece is being played.
    played: Instant,
    in_piece: bool,
    marks: Vec<(Instant, String)>,
    figures: Figures,
    timings: Timings,
}

/// Holds one call until `end`.
pub(crate) async fn call(url: &str, voice: Arc<[Message]>, number: u32, end: Instant) -> Figures {
    let mut figures = Figures {
        broken: 1,
        ..Figures::default()
    };
    let Ok((socket, _)) = connect_async(url).await else {
        return figures;
    };
    let mut phone = Phone {
        socket,
        voice,
        silence: media(&[mulaw::SILENCE; FRAME]),
        doing: Doing::Waiting,
        turns: number,
        frames_sent: 0,
        played: Instant::now(),
        in_piece: false,
        marks: Vec::new(),
        figures: Figures::default(),
        timings: Timings::default(),
    };
    if phone.talk(end).await.is_err() {
        phone.figures.broken = 1;
    }
    figures = phone.figures;
    figures
}

impl Phone {
    async fn talk(&mut self, end: Instant) -> Result<(), Error> {
        let start = r#"{"event":"start","start":{"streamSid":"MZ","callSid":"CA","accountSid":"AC","mediaFormat":{"encoding":"audio/x-mulaw","sampleRate":8000,"channels":1}}}"#;
        self.socket.send(Message::Text(start.into())).await?;
        let mut tick = interval(FRAME_TIME);
        tick.set_missed_tick_behavior(MissedTickBehavior::Burst);
        while Instant::now() < end {
            tokio::select! {
                due = tick.tick() => self.tick(due).await?,
                message = self.socket.next() => match message {
                    Some(Ok(Message::Text(text))) => self.take(text.as_str()),
                    Some(Ok(_)) => {}
                    Some(Err(error)) => return Err(error),
                    None => return Err(Error::ConnectionClosed),
                },
            }
        }
        self.socket
            .send(Message::Text(r#"{"event":"stop"}"#.into()))
            .await
    }

    /// Sends a frame and the marks that were reached.
    async fn tick(&mut self, due: Instant) -> Result<(), Error> {
        let now = Instant::now();
        self.figures.late_us.push(micros(now, due));
        let speaking = self.decide(now);
        self.frames_sent += 1;
        let frame = if speaking {
            self.voice[self.frames_sent % self.voice.len()].clone()
        } else {
            self.silence.clone()
        };
        self.socket.feed(frame).await?;
        while self.marks.first().is_some_and(|(at, _)| *at <= now) {
            let (_, name) = self.marks.remove(0);
            let mark = format!(r#"{{"event":"mark","mark":{{"name":"{name}"}}}}"#);
            self.socket.feed(Message::Text(mark.into())).await?;
        }
        self.socket.flush().await
    }

    /// What to do in the next 20 ms; true: speak.
    fn decide(&mut self, now: Instant) -> bool {
        match self.doing {
            Doing::Waiting if now > self.played + PAUSE => self.doing = Doing::Speaking(now),
            Doing::Speaking(since) if now >= since + SENTENCE => {
                // The last frame of speech went a tick ago; it ends now, in its own time.
                self.doing = Doing::Listening(now - FRAME_TIME);
            }
            Doing::Hearing(since)
                if self.turns.is_multiple_of(2) && now >= since + BUTT_IN && now < self.played =>
            {
                self.doing = Doing::Interrupting(since, now);
            }
            Doing::Hearing(_) if now > self.played + PAUSE => {
                self.turns += 1;
                self.doing = Doing::Waiting;
            }
            // No clear came: the reply was over too soon. Finish the sentence.
            Doing::Interrupting(_, since) if now >= since + SENTENCE => {
                self.turns += 1;
                self.doing = Doing::Listening(now - FRAME_TIME);
            }
            Doing::Waiting
            | Doing::Speaking(_)
            | Doing::Listening(_)
            | Doing::Hearing(_)
            | Doing::Interrupting(..) => {}
        }
        matches!(self.doing, Doing::Speaking(_) | Doing::Interrupting(..))
    }

    fn take(&mut self, text: &str) {
        let now = Instant::now();
        if text.starts_with(r#"{"event":"media""#) {
            self.figures.frames += 1;
            if now > self.played && self.in_piece {
                self.figures.underruns += 1;
            }
            self.in_piece = true;
            self.played = self.played.max(now) + FRAME_TIME;
            if self.played > now + Duration::from_millis(self.timings.lead_ms + 25) {
                self.figures.early += 1;
            }
            if let Doing::Listening(since) = self.doing {
                let due = since + Duration::from_millis(self.timings.endpoint_ms);
                let reply = micros(now, due);
                self.figures.reply_us.push(reply);
                let last_second = self.figures.late_us.iter().rev().take(50);
                if last_second.max().is_some_and(|late| *late <= LATE_US) {
                    self.figures.reply_in_time_us.push(reply);
                }
                self.doing = Doing::Hearing(now);
            }
        } else if text.starts_with(r#"{"event":"mark""#) {
            self.in_piece = false;
            let name = text
                .split(r#""name":""#)
                .nth(1)
                .and_then(|rest| rest.split('"').next());
            self.marks.extend(name.map(|name| (self.played, name.to_owned())));
        } else if text.starts_with(r#"{"event":"clear""#) {
            self.in_piece = false;
            self.played = now;
            for (at, _) in &mut self.marks {
                *at = now;
            }
            if let Doing::Interrupting(heard, since) = self.doing {
                let known = since + Duration::from_millis(self.timings.barge_in_ms);
                let allowed = heard + Duration::from_millis(self.timings.protect_ms);
                self.figures.barge_in_us.push(micros(now, known.max(allowed)));
                self.turns += 1;
                self.doing = Doing::Speaking(now - SENTENCE / 2);
            }
        }
    }
}

/// `now` after `due`, in microseconds; negative before it.
fn micros(now: Instant, due: Instant) -> i64 {
    let late = i64::try_from(now.saturating_duration_since(due).as_micros()).unwrap_or(i64::MAX);
    late - i64::try_from(due.saturating_duration_since(now).as_micros()).unwrap_or(i64::MAX)
}

fn media(frame: &[u8]) -> Message {
    let payload = STANDARD.encode(frame);
    let text = format!(
        r#"{{"event":"media","sequenceNumber":"2","streamSid":"MZ","media":{{"track":"inbound","chunk":"1","payload":"{payload}"}}}}"#
    );
    Message::Text(text.into())
}

/// Frames of a sentence: a 200 Hz wave that swells four times a second, as syllables
/// do; a steady tone would be taken for noise.
pub(crate) fn sentence() -> Vec<Message> {
    let samples = u16::try_from(SENTENCE.as_millis() * 8).unwrap_or(u16::MAX);
    let voice: Vec<u8> = (0..samples)
        .map(|n| {
            let turn = std::f32::consts::TAU * f32::from(n) / 8_000.0;
            let swell = 0.55 - 0.45 * (4.0 * turn).cos();
            let level: u8 = if (n / 20) % 2 == 0 { 0 } else { 1 };
            // 0 to 8,000 in steps of 1,000, made without a cast.
            let size = [0_i16, 1_000, 2_000, 3_000, 4_000, 5_000, 6_000, 7_000, 8_000]
                .into_iter()
                .rfind(|size| f32::from(*size) <= swell * 8_000.0)
                .unwrap_or(0);
            mulaw::encode(if level == 0 { size } else { -size })
        })
        .collect();
    voice.chunks_exact(FRAME).map(media).collect()
}
