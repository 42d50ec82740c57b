//! Answering machine detection, by ear: how long the first utterance is, and whether a beep follows.
//!
//! Source: Twilio, "Answering machine detection": speech longer than `MachineDetectionSpeechThreshold` (2400 ms) is a machine;
//! silence of `MachineDetectionSpeechEndThreshold` (1200 ms) after shorter speech is a person; `MachineDetectionSilenceTimeout`
//! (5000 ms) of nothing at first is unknown; all within `MachineDetectionTimeout` (30 s).

use crate::audio::{FRAME_MS, Frame, is_loud, tone::is_beep};

/// What to find out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    /// Report as soon as it is known who answered.
    Enable,
    /// For machines, report at the end of the greeting.
    DetectMessageEnd,
}

/// The thresholds, in milliseconds.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Thresholds {
    pub(crate) timeout: u32,
    pub(crate) speech: u32,
    pub(crate) speech_end: u32,
    pub(crate) silence: u32,
}

impl Default for Thresholds {
    fn default() -> Self {
        Self {
            timeout: 30_000,
            speech: 2400,
            speech_end: 1200,
            silence: 5000,
        }
    }
}

/// A beep lasts at least this long.
const BEEP_MS_MIN: u32 = 160;

/// The detector: one frame of what the answering side says at a time.
#[derive(Debug)]
pub(crate) struct Amd {
    mode: Mode,
    thresholds: Thresholds,
    elapsed_ms: u32,
    /// From the first loud frame to the last one so far.
    utterance_ms: u32,
    quiet_ms: u32,
    tone_ms: u32,
    is_machine: bool,
}

impl Amd {
    pub(crate) fn new(mode: Mode, thresholds: Thresholds) -> Self {
        Self {
            mode,
            thresholds,
            elapsed_ms: 0,
            utterance_ms: 0,
            quiet_ms: 0,
            tone_ms: 0,
            is_machine: false,
        }
    }

    /// How long it has listened: `MachineDetectionDuration`.
    pub(crate) fn elapsed_ms(&self) -> u32 {
        self.elapsed_ms
    }

    /// 20 ms more (none: silence). Returns `AnsweredBy` once it is known; then it need not be asked again.
    pub(crate) fn push(&mut self, frame: Option<&Frame>) -> Option<&'static str> {
        self.elapsed_ms += FRAME_MS;
        let loud = frame.is_some_and(is_loud);
        let beep = frame.is_some_and(is_beep);
        if loud {
            if self.utterance_ms > 0 {
                self.utterance_ms += self.quiet_ms;
            }
            self.utterance_ms += FRAME_MS;
            self.quiet_ms = 0;
        } else {
            self.quiet_ms += FRAME_MS;
        }
        let beep_ended = !beep && self.tone_ms >= BEEP_MS_MIN;
        self.tone_ms = if beep { self.tone_ms + FRAME_MS } else { 0 };
        self.judge(beep_ended)
    }

    fn judge(&mut self, beep_ended: bool) -> Option<&'static str> {
        let limits = self.thresholds;
        if !self.is_machine && (self.utterance_ms >= limits.speech || beep_ended) {
            self.is_machine = true;
            if self.mode == Mode::Enable {
                return Some("machine_start");
            }
        }
        if self.is_machine {
            if beep_ended {
                return Some("machine_end_beep");
            }
            if self.quiet_ms >= limits.speech_end {
                return Some("machine_end_silence");
            }
        } else if self.utterance_ms > 0 && self.quiet_ms >= limits.speech_end {
            return Some("human");
        } else if self.utterance_ms == 0 && self.elapsed_ms >= limits.silence {
            return Some("unknown");
        }
        (self.elapsed_ms >= limits.timeout).then_some(if self.is_machine {
            "machine_end_other"
        } else {
            "unknown"
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audio::{SILENCE, babble, frame_at, tone};

    /// Plays the sounds one after another, then silence; returns the verdict and when it came.
    fn detect(mode: Mode, sounds: &[&[i16]]) -> (&'static str, u32) {
        let mut amd = Amd::new(mode, Thresholds::default());
        for sound in sounds {
            let mut at = 0;
            while let Some(frame) = frame_at(sound, at) {
                at += frame.len();
                if let Some(by) = amd.push(Some(&frame)) {
                    return (by, amd.elapsed_ms());
                }
            }
        }
        loop {
            if let Some(by) = amd.push(None) {
                return (by, amd.elapsed_ms());
            }
        }
    }

    #[test]
    fn a_short_hello_is_a_person() {
        let hello = babble::speak("Hello?");
        let (by, at) = detect(Mode::Enable, &[&hello]);
        assert_eq!(by, "human");
        assert!((1300..2200).contains(&at), "{at}");
    }

    #[test]
    fn a_long_greeting_is_a_machine() {
        let greeting = babble::speak("Hi, you have reached us. Please leave a message after the tone.");
        let (by, at) = detect(Mode::Enable, &[&greeting]);
        assert_eq!(by, "machine_start");
        assert!((2400..3000).contains(&at), "{at}");
    }

    #[test]
    fn the_end_of_the_message_is_its_beep_or_silence() {
        let greeting = babble::speak("Hi, you have reached us. Please leave a message after the tone.");
        let beep = tone::beep();
        assert_eq!(
            detect(Mode::DetectMessageEnd, &[&greeting, &[0; 2400], &beep]).0,
            "machine_end_beep"
        );
        assert_eq!(
            detect(Mode::DetectMessageEnd, &[&greeting]).0,
            "machine_end_silence"
        );
    }

    #[test]
    fn dead_air_is_unknown_after_the_silence_timeout() {
        assert_eq!(detect(Mode::Enable, &[&SILENCE]), ("unknown", 5000));
    }

    #[test]
    fn endless_talk_is_ended_by_the_timeout() {
        let talk = babble::speak(&"Hello and welcome ".repeat(60));
        assert_eq!(
            detect(Mode::DetectMessageEnd, &[&talk]),
            ("machine_end_other", 30_000)
        );
    }
}
