//! The decision, frame by frame.

use super::{is_machine_greeting, tone_of};
use crate::vad::FRAME;

/// What is given for each 20 ms.
#[derive(Debug, Clone, Copy)]
pub struct Heard<'a> {
    /// The caller's audio.
    pub frame: &'a [i16; FRAME],
    /// Whether the voice detector calls it speech.
    pub speech: bool,
    /// New words since the last frame, as far as the recogniser is; usually none.
    pub text: Option<&'a str>,
}

/// Who answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// A person.
    Person,
    /// A machine, still speaking or silent.
    Machine,
    /// A machine whose beep was just heard: now is the time to leave a message.
    MachineBeep,
    /// The network's "this number cannot be reached" tones.
    Unobtainable,
    /// 20 seconds without anything that tells.
    Unknown,
}

const FRAME_MS: u32 = 20;
/// A greeting no longer than this is a person's ("Hello, Anna speaking").
const PERSON_SPEECH_MS: u32 = 2_500;
/// The silence behind it: the person waits.
const PERSON_SILENCE_MS: u32 = 500;
/// The least speech that is a greeting, not a click.
const SPEECH_MS_MIN: u32 = 120;
/// A tone this long is no voice.
const TONE_MS: u32 = 160;
/// And this loud a part of its frame.
const TONE_SHARE: f32 = 0.8;
/// How far one frame's tone may lie from the last one's.
const TONE_DRIFT_HZ: f32 = 26.0;
/// After this nothing more is expected.
const LIMIT_MS: u32 = 20_000;

/// Listens from the moment of the answer until the first verdict.
#[derive(Debug, Clone, Default)]
pub struct Detector {
    elapsed_ms: u32,
    speech_ms: u32,
    silence_ms: u32,
    text: String,
    tone: Option<Running>,
    /// Tones that were long enough, in order, while no speech came between.
    tones: Vec<f32>,
    verdict: Option<Verdict>,
}

#[derive(Debug, Clone, Copy)]
struct Running {
    hz: f32,
    ms: u32,
}

impl Detector {
    /// A detector for one call, to be fed from the answer on.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A detector for a call of which it is known that a machine has answered: only its beep is listened for.
    #[must_use]
    pub fn of_machine() -> Self {
        Self {
            verdict: Some(Verdict::Machine),
            ..Self::default()
        }
    }

    /// Takes the next 20 ms. Answers a verdict once; a machine's may be
    /// followed by [`Verdict::MachineBeep`], all others are the last word.
    pub fn observe(&mut self, heard: Heard<'_>) -> Option<Verdict> {
        if self.verdict.is_some_and(|verdict| verdict != Verdict::Machine) {
            return None;
        }
        self.elapsed_ms += FRAME_MS;
        if let Some(verdict) = self.observe_tone(heard.frame) {
            return self.say(verdict);
        }
        // A tone is no voice, whatever the voice detector says, and no silence.
        match (self.tone.is_some(), heard.speech) {
            (true, _) => {}
            (false, true) => {
                self.speech_ms += FRAME_MS;
                self.silence_ms = 0;
                self.tones.clear();
            }
            (false, false) => self.silence_ms += FRAME_MS,
        }
        if let Some(text) = heard.text {
            self.text.push(' ');
            self.text.push_str(text);
        }
        let verdict = self.judge(heard.text.is_some())?;
        self.say(verdict)
    }

    /// The first verdict so far.
    #[must_use]
    pub fn verdict(&self) -> Option<Verdict> {
        self.verdict
    }

    fn say(&mut self, verdict: Verdict) -> Option<Verdict> {
        if self.verdict == Some(verdict) {
            return None;
        }
        self.verdict = Some(verdict);
        Some(verdict)
    }

    fn judge(&self, new_text: bool) -> Option<Verdict> {
        if self.verdict == Some(Verdict::Machine) {
            return None;
        }
        if new_text && is_machine_greeting(&self.text) {
            return Some(Verdict::Machine);
        }
        // Longer speech says nothing by itself: people talk, too. Words and beeps tell.
        let greeted = (SPEECH_MS_MIN..=PERSON_SPEECH_MS).contains(&self.speech_ms);
        if greeted && self.silence_ms >= PERSON_SILENCE_MS && self.tones.is_empty() {
            return Some(Verdict::Person);
        }
        (self.elapsed_ms >= LIMIT_MS).then_some(Verdict::Unknown)
    }

    /// Follows tones; answers a verdict at the end of a beep or of the three SIT tones.
    fn observe_tone(&mut self, frame: &[i16; FRAME]) -> Option<Verdict> {
        let found = tone_of(frame).filter(|tone| tone.share > TONE_SHARE);
        let steady = |running: &Running, hz: f32| (running.hz - hz).abs() <= TONE_DRIFT_HZ;
        match (found, self.tone.take()) {
            (Some(tone), Some(running)) if steady(&running, tone.hz) => {
                self.tone = Some(Running {
                    hz: tone.hz,
                    ms: running.ms + FRAME_MS,
                });
                None
            }
            (found, ended) => {
                self.tone = found.map(|tone| Running {
                    hz: tone.hz,
                    ms: FRAME_MS,
                });
                let ended = ended.filter(|running| running.ms >= TONE_MS)?;
                self.tones.push(ended.hz);
                self.judge_tones()
            }
        }
    }

    fn judge_tones(&self) -> Option<Verdict> {
        if is_sit(&self.tones) {
            return Some(Verdict::Unobtainable);
        }
        // A tone before any voice is ringback, or the first of the three SIT tones; a machine has spoken before.
        let spoken = self.speech_ms > 0 || self.verdict == Some(Verdict::Machine);
        spoken.then_some(Verdict::MachineBeep)
    }
}

/// Three rising tones near 950, 1,400 and 1,800 Hz (ITU-T E.180).
fn is_sit(tones: &[f32]) -> bool {
    let &[.., a, b, c] = tones else { return false };
    (890.0..=1_010.0).contains(&a) && (1_340.0..=1_460.0).contains(&b) && (1_740.0..=1_860.0).contains(&c)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vad::tests_audio::{noise, silence, tone};

    fn run(detector: &mut Detector, frames: &[[i16; FRAME]], speech: bool) -> Option<Verdict> {
        frames.iter().find_map(|frame| {
            detector.observe(Heard {
                frame,
                speech,
                text: None,
            })
        })
    }

    fn voice(ms: usize) -> Vec<[i16; FRAME]> {
        noise(ms / 20, 8_000)
    }

    fn hush(ms: usize) -> Vec<[i16; FRAME]> {
        silence(ms / 20)
    }

    #[test]
    fn a_short_greeting_and_a_wait_is_a_person() {
        let mut detector = Detector::new();
        assert_eq!(run(&mut detector, &hush(800), false), None);
        assert_eq!(run(&mut detector, &voice(900), true), None);
        assert_eq!(run(&mut detector, &hush(480), false), None);
        assert_eq!(run(&mut detector, &hush(20), false), Some(Verdict::Person));
        assert_eq!(run(&mut detector, &voice(9_000), true), None, "said once");
    }

    #[test]
    fn a_click_is_nobody() {
        let mut detector = Detector::new();
        run(&mut detector, &voice(60), true);
        assert_eq!(run(&mut detector, &hush(3_000), false), None);
        assert_eq!(run(&mut detector, &hush(20_000), false), Some(Verdict::Unknown));
    }

    #[test]
    fn a_beep_after_a_long_greeting_is_a_machines() {
        let mut detector = Detector::new();
        assert_eq!(run(&mut detector, &voice(3_000), true), None);
        assert_eq!(run(&mut detector, &tone(10, 1_000.0, 8_000), false), None);
        assert_eq!(run(&mut detector, &hush(40), false), Some(Verdict::MachineBeep));
        assert_eq!(
            run(&mut detector, &tone(10, 1_000.0, 8_000), false),
            None,
            "nothing after it"
        );
    }

    #[test]
    fn of_a_machine_only_the_beep_is_told_however_late_it_is_listened_to() {
        let mut detector = Detector::of_machine();
        assert_eq!(run(&mut detector, &voice(1_000), true), None);
        assert_eq!(
            run(&mut detector, &hush(700), false),
            None,
            "no person, its greeting's end"
        );
        assert_eq!(run(&mut detector, &hush(25_000), false), None);
        assert_eq!(run(&mut detector, &tone(10, 1_000.0, 8_000), false), None);
        assert_eq!(run(&mut detector, &hush(40), false), Some(Verdict::MachineBeep));
        // Nothing was heard of the greeting.
        let mut detector = Detector::of_machine();
        run(&mut detector, &tone(10, 1_000.0, 8_000), false);
        assert_eq!(run(&mut detector, &hush(40), false), Some(Verdict::MachineBeep));
    }

    #[test]
    fn a_talkative_person_is_no_machine() {
        for pause in [300, 1_000, 4_000] {
            let mut detector = Detector::new();
            assert_eq!(run(&mut detector, &voice(3_500), true), None);
            assert_eq!(run(&mut detector, &hush(pause), false), None, "{pause} ms");
            assert_eq!(run(&mut detector, &voice(6_000), true), None, "{pause} ms");
            assert_eq!(
                run(&mut detector, &hush(20_000), false),
                Some(Verdict::Unknown),
                "{pause} ms"
            );
        }
    }

    #[test]
    fn words_decide_at_once() {
        let mut detector = Detector::new();
        run(&mut detector, &voice(1_500), true);
        let heard = |text| Heard {
            frame: &[0; FRAME],
            speech: true,
            text: Some(text),
        };
        assert_eq!(detector.observe(heard("Please leave")), None);
        assert_eq!(detector.observe(heard("a message")), Some(Verdict::Machine));
        run(&mut detector, &voice(1_000), true);
        assert_eq!(run(&mut detector, &tone(10, 1_000.0, 8_000), false), None);
        assert_eq!(run(&mut detector, &hush(40), false), Some(Verdict::MachineBeep));
    }

    #[test]
    fn sit_tones_are_not_a_beep() {
        let mut detector = Detector::new();
        for hz in [950.0, 1_400.0] {
            assert_eq!(run(&mut detector, &tone(16, hz, 8_000), true), None);
        }
        assert_eq!(run(&mut detector, &tone(16, 1_800.0, 8_000), true), None);
        assert_eq!(run(&mut detector, &hush(40), false), Some(Verdict::Unobtainable));
    }

    #[test]
    fn ringback_before_the_answer_means_nothing() {
        let mut detector = Detector::new();
        assert_eq!(run(&mut detector, &tone(50, 440.0, 8_000), true), None);
        assert_eq!(run(&mut detector, &hush(2_000), false), None);
        run(&mut detector, &voice(600), true);
        assert_eq!(run(&mut detector, &hush(600), false), Some(Verdict::Person));
    }
}
