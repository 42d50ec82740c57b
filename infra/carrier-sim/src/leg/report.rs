//! What the platform is told about a call.

use super::{CallEvent, Leg, RecordingEvent, RecordingSetup};
use crate::{clock, hooks::Request, ids, ledger::Recording, twiml::Target};

/// A finished recording.
#[derive(Debug, Clone)]
pub(super) struct Recorded {
    pub(super) sid: String,
    pub(super) duration_s: u64,
    pub(super) channels: u16,
    pub(super) started: clock::Moment,
    pub(super) present: bool,
}

impl Recorded {
    /// A recording that begins now.
    pub(super) fn begin(channels: u16) -> Self {
        let sid = ids::new_sid(ids::Kind::Recording);
        Self {
            sid,
            duration_s: 0,
            channels,
            started: clock::now(),
            present: true,
        }
    }
}

/// Parameters of a request, name and value.
pub(super) type Params = Vec<(String, String)>;

/// Shorthand for parameters.
pub(super) fn params<const N: usize>(pairs: [(&str, String); N]) -> Params {
    pairs
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
}

impl Leg {
    /// What every request about a call carries.
    pub(super) fn usual(&self) -> Params {
        let call = &self.call;
        let mut usual = params([
            ("CallSid", call.sid.clone()),
            ("AccountSid", self.switch.options.account_sid.clone()),
            ("From", call.from.clone()),
            ("To", call.to.clone()),
            ("Caller", call.from.clone()),
            ("Called", call.to.clone()),
            ("CallStatus", call.status.name().to_owned()),
            ("ApiVersion", "2010-04-01".to_owned()),
            ("Direction", call.direction.name().to_owned()),
        ]);
        if let Some(parent) = &call.parent_sid {
            usual.push(("ParentCallSid".to_owned(), parent.clone()));
        }
        usual
    }

    /// The request to `target`, with the usual parameters and more.
    pub(super) fn request(&self, target: Target, extra: &[(String, String)]) -> Request {
        let mut params = self.usual();
        params.extend_from_slice(extra);
        Request {
            target,
            params,
            call_sid: self.call.sid.clone(),
            call_to: self.call.to.clone(),
        }
    }

    /// A status callback, if the event was asked for.
    pub(super) fn tell(&mut self, event: CallEvent, extra: &[(String, String)]) {
        let Some(subscription) = self.setup.status.as_ref().filter(|s| s.events.contains(&event)) else {
            return;
        };
        let target = subscription.target.clone();
        let mut all = params([
            ("Timestamp", clock::rfc2822(clock::now())),
            ("CallbackSource", "call-progress-events".to_owned()),
            ("SequenceNumber", self.told.to_string()),
        ]);
        all.extend_from_slice(extra);
        self.told += 1;
        self.switch.hooks.notify(self.request(target, &all));
    }

    /// The last callbacks of a call: its end, and its recording.
    pub(super) fn tell_end(&mut self, sip_code: u16) {
        let duration_s = self.call.duration_s().unwrap_or(0);
        let mut extra = params([
            ("CallDuration", duration_s.to_string()),
            ("Duration", ((duration_s + 59) / 60).to_string()),
            ("SipResponseCode", sip_code.to_string()),
        ]);
        if let Some(recorded) = self.recording.as_ref().filter(|recorded| recorded.present) {
            extra.extend(params([
                ("RecordingUrl", self.recording_url(&recorded.sid)),
                ("RecordingSid", recorded.sid.clone()),
                ("RecordingDuration", recorded.duration_s.to_string()),
            ]));
        }
        self.tell(CallEvent::Completed, &extra);
        if let (Some(recorded), Some(setup)) = (self.recording.clone(), self.setup.recording.clone()) {
            let event = if recorded.present {
                RecordingEvent::Completed
            } else {
                RecordingEvent::Absent
            };
            self.tell_recording(&setup, event, "OutboundAPI", &recorded);
        }
    }

    /// A recording callback, if the event was asked for.
    pub(super) fn tell_recording(
        &self,
        setup: &RecordingSetup,
        event: RecordingEvent,
        source: &str,
        recorded: &Recorded,
    ) {
        let Some(target) = setup.callback.clone().filter(|_| setup.events.contains(&event)) else {
            return;
        };
        let status = match event {
            RecordingEvent::InProgress => "in-progress",
            RecordingEvent::Completed => "completed",
            RecordingEvent::Absent => "absent",
        };
        let mut all = params([
            ("AccountSid", self.switch.options.account_sid.clone()),
            ("CallSid", self.call.sid.clone()),
            ("RecordingSid", recorded.sid.clone()),
            ("RecordingUrl", self.recording_url(&recorded.sid)),
            ("RecordingStatus", status.to_owned()),
            ("RecordingChannels", recorded.channels.to_string()),
            ("RecordingStartTime", clock::rfc2822(recorded.started)),
            ("RecordingSource", source.to_owned()),
            ("RecordingTrack", "both".to_owned()),
        ]);
        if event != RecordingEvent::InProgress {
            all.push(("RecordingDuration".to_owned(), recorded.duration_s.to_string()));
        }
        let (call_sid, call_to) = (self.call.sid.clone(), self.call.to.clone());
        self.switch.hooks.notify(Request {
            target,
            params: all,
            call_sid,
            call_to,
        });
    }

    /// The finding of an asynchronous answering machine detection.
    pub(super) fn tell_amd(&self, target: Target, answered_by: &str, duration_ms: u32) {
        let all = params([
            ("CallSid", self.call.sid.clone()),
            ("AccountSid", self.switch.options.account_sid.clone()),
            ("AnsweredBy", answered_by.to_owned()),
            ("MachineDetectionDuration", duration_ms.to_string()),
        ]);
        let (call_sid, call_to) = (self.call.sid.clone(), self.call.to.clone());
        self.switch.hooks.notify(Request {
            target,
            params: all,
            call_sid,
            call_to,
        });
    }

    /// Where a recording can be fetched.
    pub(super) fn recording_url(&self, sid: &str) -> String {
        let account = &self.switch.options.account_sid;
        format!(
            "{}/2010-04-01/Accounts/{account}/Recordings/{sid}",
            self.switch.url
        )
    }

    /// The row of a recording.
    pub(super) fn recording_row(&self, recorded: &Recorded, source: &'static str, done: bool) -> Recording {
        Recording {
            sid: recorded.sid.clone(),
            call_sid: self.call.sid.clone(),
            source,
            channels: recorded.channels,
            status: match (done, recorded.present) {
                (false, _) => "in-progress",
                (true, true) => "completed",
                (true, false) => "absent",
            },
            started: recorded.started,
            duration_ms: done.then_some(recorded.duration_s * 1000),
        }
    }
}
