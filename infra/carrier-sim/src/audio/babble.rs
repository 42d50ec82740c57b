//! A voice that needs no model: syllables of buzz through two formants, with pauses at punctuation. It says nothing that
//! anyone could understand, but it has the rhythm, pitch and loudness of speech, which is what turn-taking listens to.

use std::f32::consts::TAU;

use super::{RATE, tone::sample};
use crate::voice::SimVoice;

/// The built-in default voice: speech-like babble, the same for the same text.
#[derive(Debug, Clone, Copy, Default)]
pub struct Babble;

#[async_trait::async_trait]
impl SimVoice for Babble {
    async fn say(&self, text: &str) -> Vec<i16> {
        speak(text)
    }
}

/// One syllable lasts so many samples (140 ms).
const SYLLABLE: u32 = 140 * RATE / 1000;
const COMMA: usize = 180 * 8;
const STOP: usize = 320 * 8;

/// First and second formant of a vowel, in hertz. Source: Peterson and Barney (1952), men, rounded.
fn formants(vowel: char) -> (f32, f32) {
    match vowel {
        'a' => (730.0, 1090.0),
        'e' => (530.0, 1840.0),
        'i' => (270.0, 2290.0),
        'o' => (570.0, 840.0),
        'u' => (300.0, 870.0),
        _ => (490.0, 1350.0),
    }
}

/// The text as babble.
pub(crate) fn speak(text: &str) -> Vec<i16> {
    let mut sound = Vec::with_capacity(text.len() * 600);
    let mut tract = Tract::default();
    let mut in_vowel = false;
    let mut syllables: u32 = 0;
    for letter in text.to_lowercase().chars() {
        match letter {
            'a' | 'e' | 'i' | 'o' | 'u' | 'y' => {
                if !in_vowel {
                    tract.syllable(formants(letter), syllables, &mut sound);
                    syllables += 1;
                }
                in_vowel = true;
            }
            ',' | ';' | ':' => {
                sound.resize(sound.len() + COMMA, 0);
                in_vowel = false;
            }
            '.' | '?' | '!' => {
                sound.resize(sound.len() + STOP, 0);
                (in_vowel, syllables) = (false, 0);
            }
            _ => in_vowel = false,
        }
    }
    sound
}

/// The source and two resonators, kept over the syllables of a text.
#[derive(Default)]
struct Tract {
    phase: f32,
    first: Resonator,
    second: Resonator,
}

impl Tract {
    fn syllable(&mut self, (first, second): (f32, f32), index: u32, sound: &mut Vec<i16>) {
        // The pitch falls through a sentence, as in a statement.
        let sink = f32::from(u16::try_from(index.min(20)).unwrap_or(20));
        let pitch = 128.0 - 1.8 * sink;
        for n in 0..SYLLABLE {
            let along =
                f32::from(u16::try_from(n).unwrap_or(0)) / f32::from(u16::try_from(SYLLABLE).unwrap_or(1));
            self.phase = (self.phase + pitch / 8000.0).fract();
            // A falling saw is rich in harmonics, as the larynx is.
            let source = 1.0 - 2.0 * self.phase;
            let voiced = self.first.pass(source, first, 90.0) + 0.6 * self.second.pass(source, second, 110.0);
            let envelope = (along * TAU / 2.0).sin().max(0.0).sqrt();
            sound.push(sample(voiced * envelope * 3500.0));
        }
    }
}

/// A two-pole resonator.
#[derive(Default)]
struct Resonator {
    last: f32,
    before: f32,
}

impl Resonator {
    fn pass(&mut self, input: f32, hz: f32, width: f32) -> f32 {
        let radius = (-TAU / 2.0 * width / 8000.0).exp();
        let output = (1.0 - radius) * 4.0 * input + 2.0 * radius * (TAU * hz / 8000.0).cos() * self.last
            - radius * radius * self.before;
        (self.before, self.last) = (self.last, output);
        output
    }
}

#[cfg(test)]
mod tests {
    use super::{
        super::{FRAME_LEN, frame_at, is_loud},
        *,
    };

    #[test]
    fn the_same_text_sounds_the_same_and_another_does_not() {
        assert_eq!(speak("Hello there."), speak("Hello there."));
        assert_ne!(speak("Hello there."), speak("Hallo there."));
        assert!(speak("").is_empty());
    }

    #[test]
    fn it_is_as_loud_as_speech_and_rests_at_stops() {
        let sound = speak("Yes, that works. Thank you.");
        let loud = (0..sound.len() / FRAME_LEN)
            .filter(|n| is_loud(&frame_at(&sound, n * FRAME_LEN).unwrap()))
            .count();
        let frames = sound.len() / FRAME_LEN;
        assert!(loud * 3 > frames, "{loud} of {frames} frames are loud");
        assert!(loud < frames - 10, "it rests");
        assert!(
            sound.iter().all(|s| s.unsigned_abs() < 30_000),
            "it does not clip"
        );
    }
}
