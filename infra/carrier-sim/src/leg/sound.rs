//! `<Say>`, `<Play>`, `<Pause>`: what the far party hears from the carrier itself.

use std::sync::Arc;

use url::Url;

use super::talk::{Halt, Said, Talk};
use crate::{
    audio::{FRAME_LEN, frame_at, mulaw, tone, wav},
    hooks::{Hooks, Request},
    twiml::{Method, Target},
    voice::Clip,
};

/// A file to be played may have so many bytes (about 17 minutes of 16-bit sound).
const FILE_BYTES_MAX: usize = 16 << 20;

impl Talk {
    pub(super) async fn say(&mut self, text: &str, loops: u32) -> Result<(), Halt> {
        let clip = self.spoken(text).await?;
        self.play_clip(&clip, loops).await
    }

    pub(super) async fn play(&mut self, url: Option<Url>, digits: &str, loops: u32) -> Result<(), Halt> {
        if !digits.is_empty() {
            let clip = dialled(digits);
            self.play_clip(&clip, 1).await?;
        }
        let Some(url) = url else { return Ok(()) };
        let clip = self.file(url).await?;
        self.play_clip(&clip, loops).await
    }

    pub(super) async fn pause(&mut self, length_s: u32) -> Result<(), Halt> {
        for _ in 0..u64::from(length_s) * 50 {
            self.idle().await?;
        }
        Ok(())
    }

    /// The text as the carrier's voice says it.
    pub(super) async fn spoken(&mut self, text: &str) -> Result<Clip, Halt> {
        let (voice, text) = (Arc::clone(&self.leg.switch.voice), text.to_owned());
        self.during(async move { voice.clip(&text).await }).await
    }

    /// The sound of a file; silence, with a line in the log, if it cannot be had: the carrier goes on to the next verb.
    pub(super) async fn file(&mut self, url: Url) -> Result<Clip, Halt> {
        let request = self.leg.request(
            Target {
                url,
                method: Method::Get,
            },
            &[],
        );
        let hooks = Arc::clone(&self.leg.switch.hooks);
        self.during(async move {
            fetch(
                &hooks,
                Request {
                    params: Vec::new(),
                    ..request
                },
            )
            .await
        })
        .await
    }

    /// Plays a clip. Nothing in it is worth a loop without end: an empty one is over at once.
    pub(super) async fn play_clip(&mut self, clip: &Clip, loops: u32) -> Result<(), Halt> {
        if clip.is_empty() {
            return Ok(());
        }
        for _ in 0..loops {
            let mut at = 0;
            while self.play_on(clip, &mut at).await?.is_some() {}
        }
        Ok(())
    }

    /// One beat of a clip; none when it is over.
    pub(super) async fn play_on(&mut self, clip: &Clip, at: &mut usize) -> Result<Option<Said>, Halt> {
        let Some(frame) = frame_at(clip, *at) else {
            return Ok(None);
        };
        self.beat().await?;
        *at += FRAME_LEN;
        self.exchange(&frame).await.map(Some)
    }
}

/// Fetches a file and decodes it.
pub(super) async fn fetch(hooks: &Hooks, request: Request) -> Clip {
    let url = &request.target.url;
    let reply = match hooks.fetch(&request, FILE_BYTES_MAX).await {
        Ok(reply) => reply,
        Err(error) => {
            tracing::warn!(call.id = %request.call_sid, %error, "a file to be played was not had; nothing is played");
            return Clip::default();
        }
    };
    let mime = reply
        .content_type
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase();
    let raw = matches!(
        mime.as_str(),
        "audio/basic" | "audio/x-mulaw" | "audio/mulaw" | "audio/pcmu"
    ) || url.path().ends_with(".ulaw");
    if raw {
        return reply.body.iter().map(|byte| mulaw::decode(*byte)).collect();
    }
    match wav::read(&reply.body) {
        Ok(sound) => sound.into(),
        Err(error) => {
            tracing::warn!(call.id = %request.call_sid, %url, %error, "error 12300: a file cannot be played; nothing is played");
            Clip::default()
        }
    }
}

/// Keys as tones: 100 ms each, 100 ms apart; `w` waits half a second, `W` a whole one. Source: ITU-T Q.23.
fn dialled(keys: &str) -> Clip {
    const LOW: [f32; 4] = [697.0, 770.0, 852.0, 941.0];
    const HIGH: [f32; 3] = [1209.0, 1336.0, 1477.0];
    let mut sound = Vec::new();
    for key in keys.chars().take(100) {
        let pause = match key {
            'w' => 4000,
            'W' => 8000,
            _ => 800,
        };
        if let Some(place) = "123456789*0#".find(key)
            && let (Some(low), Some(high)) = (LOW.get(place / 3), HIGH.get(place % 3))
        {
            let (low, high) = (tone::sine(*low, 100, 6000.0), tone::sine(*high, 100, 6000.0));
            sound.extend(low.iter().zip(&high).map(|(a, b)| a.saturating_add(*b)));
        }
        sound.resize(sound.len() + pause, 0);
    }
    sound.into()
}
