//! `<Gather>`: waits for keys, or for something to be said.

use super::{
    perform::Next,
    report::params,
    talk::{Halt, Said, Talk},
};
use crate::{
    audio::FRAME_MS,
    party::Own,
    twiml::{Gather, Verb},
    voice::Clip,
};

/// So long after the party has fallen silent what it said is complete.
const SPEECH_END_MS: u32 = 1000;

/// What has been gathered so far.
struct Gathered {
    digits: String,
    /// A finishing key came, or all digits.
    done: bool,
    /// How long nothing has come.
    idle_ms: u32,
    /// How many lines the party had said before.
    lines_before: usize,
    has_spoken: bool,
}

impl Talk {
    pub(super) async fn gather(&mut self, gather: Gather) -> Result<Next, Halt> {
        if gather.keys {
            self.party.key_wanted();
        }
        let mut gathered = Gathered {
            digits: String::new(),
            done: false,
            idle_ms: 0,
            lines_before: self.leg.handle.said().len(),
            has_spoken: false,
        };
        for prompt in &gather.prompts {
            self.prompt(prompt, &gather, &mut gathered).await?;
        }
        gathered.idle_ms = 0;
        while !gathered.is_complete(&gather) {
            let said = self.idle().await?;
            gathered.take(&gather, said);
        }
        let speech = self.leg.handle.said().split_off(gathered.lines_before).join(" ");
        let extra = if !gathered.digits.is_empty() {
            params([("Digits", gathered.digits)])
        } else if gather.speech && gathered.has_spoken && !speech.is_empty() {
            params([("SpeechResult", speech), ("Confidence", "0.9".to_owned())])
        } else if gathered.done || gather.even_if_empty {
            params([("Digits", String::new())])
        } else {
            return Ok(Next::Verb);
        };
        Ok(Next::action(gather.action, extra))
    }

    /// Plays a prompt until it is over, or until somebody answers it.
    async fn prompt(&mut self, prompt: &Verb, gather: &Gather, gathered: &mut Gathered) -> Result<(), Halt> {
        let (clip, loops) = match prompt {
            Verb::Say { text, loops } => (self.spoken(text).await?, *loops),
            Verb::Play {
                url: Some(url),
                loops,
                ..
            } => (self.file(url.clone()).await?, *loops),
            Verb::Pause { length_s } => (silence(*length_s), 1),
            // The parser lets nothing else into a <Gather>.
            Verb::Play { url: None, .. }
            | Verb::Gather(_)
            | Verb::Redirect(_)
            | Verb::Hangup
            | Verb::Reject { .. }
            | Verb::Record(_)
            | Verb::Dial(_)
            | Verb::Connect { .. }
            | Verb::StartStream(_)
            | Verb::StopStream { .. } => return Ok(()),
        };
        for _ in 0..loops {
            let mut at = 0;
            while !gathered.is_answered(gather)
                && let Some(said) = self.play_on(&clip, &mut at).await?
            {
                gathered.take(gather, said);
            }
            if clip.is_empty() || gathered.is_answered(gather) {
                break;
            }
        }
        Ok(())
    }
}

impl Gathered {
    fn take(&mut self, gather: &Gather, said: Said) {
        self.idle_ms += FRAME_MS;
        if said.own != Own::Silent && gather.speech {
            (self.has_spoken, self.idle_ms) = (true, 0);
        }
        let Some(key) = said.key.filter(|_| gather.keys) else {
            return;
        };
        self.idle_ms = 0;
        if gather.finish_on.contains(key) {
            self.done = true;
            return;
        }
        self.digits.push(key);
        self.done = gather.digits_max.is_some_and(|max| self.digits.len() >= max);
    }

    fn is_answered(&self, gather: &Gather) -> bool {
        self.done || !self.digits.is_empty() || (gather.speech && self.has_spoken)
    }

    fn is_complete(&self, gather: &Gather) -> bool {
        let spoken = gather.speech && self.has_spoken && self.idle_ms >= SPEECH_END_MS;
        self.done || spoken || self.idle_ms >= gather.timeout_s.saturating_mul(1000)
    }
}

fn silence(length_s: u32) -> Clip {
    let samples = usize::try_from(length_s.min(600)).unwrap_or(600) * 8000;
    vec![0; samples].into()
}
