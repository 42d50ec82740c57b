//! `<Record>`: what the far party says, until it falls silent, presses a key, or hangs up.

use super::{
    RecordingEvent, RecordingSetup,
    perform::Next,
    report::{Recorded, params},
    talk::{Halt, Talk},
};
use crate::{
    audio::{FRAME_MS, SILENCE, is_loud},
    tape::Tape,
    twiml::Record,
};

impl Talk {
    pub(super) async fn record(&mut self, record: Record) -> Result<Next, Halt> {
        if record.beep {
            let beep = self.leg.switch.sounds.beep.clone();
            self.play_clip(&beep, 1).await?;
        }
        let recorded = Recorded::begin(1);
        let mut tape = self.leg.switch.recorder.tape(&recorded.sid, 1);
        let stopped = self.record_until_done(&record, &mut tape).await;
        let recorded = self.keep(tape, recorded, "RecordVerb").await;
        let setup = RecordingSetup {
            channels: 1,
            callback: record.callback,
            events: events_of(&record.callback_events),
        };
        let event = if recorded.present {
            RecordingEvent::Completed
        } else {
            RecordingEvent::Absent
        };
        self.leg.tell_recording(&setup, event, "RecordVerb", &recorded);
        let stopped = stopped?;
        if !stopped.heard_anything {
            return Ok(Next::Verb);
        }
        let extra = params([
            ("RecordingUrl", self.leg.recording_url(&recorded.sid)),
            ("RecordingSid", recorded.sid.clone()),
            ("RecordingDuration", recorded.duration_s.to_string()),
            ("Digits", stopped.key.map(String::from).unwrap_or_default()),
        ]);
        Ok(Next::action(record.action, extra))
    }

    async fn record_until_done(&mut self, record: &Record, tape: &mut Tape) -> Result<Stopped, Halt> {
        let mut stopped = Stopped {
            heard_anything: false,
            key: None,
        };
        let mut quiet_ms = 0;
        for _ in 0..u64::from(record.max_s) * 50 {
            let said = self.idle().await?;
            tape.push(said.frame.as_ref(), &SILENCE);
            if said.frame.as_ref().is_some_and(is_loud) {
                (stopped.heard_anything, quiet_ms) = (true, 0);
            } else {
                quiet_ms += FRAME_MS;
            }
            stopped.key = said.key.filter(|key| record.finish_on.contains(*key));
            let silent = record.timeout_s > 0 && quiet_ms >= record.timeout_s.saturating_mul(1000);
            if stopped.key.is_some() || silent {
                break;
            }
        }
        Ok(stopped)
    }
}

struct Stopped {
    heard_anything: bool,
    key: Option<char>,
}

fn events_of(names: &[String]) -> Vec<RecordingEvent> {
    if names.is_empty() {
        return vec![RecordingEvent::Completed];
    }
    names
        .iter()
        .filter_map(|name| RecordingEvent::parse(name))
        .collect()
}
