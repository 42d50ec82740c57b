//! The carrier's callbacks, from form fields to domain values.

use trunkline_domain::{AnsweredBy, CallId, call_status::Report};

use crate::words;

/// A callback that is not of the documented shape.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FormError {
    /// A field that every such callback has is missing or empty.
    #[error("the callback has no {0}")]
    Missing(&'static str),
    /// A field's value is none that the carrier documents.
    #[error("the callback's {field} is not {expected}")]
    Wrong {
        /// Which field.
        field: &'static str,
        /// What it should be.
        expected: &'static str,
    },
}

/// A form's fields, in the order in which they came: as they are signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fields(Vec<(String, String)>);

impl Fields {
    /// Reads `application/x-www-form-urlencoded`. Any bytes are some form: bad escapes stay as they are.
    #[must_use]
    pub fn read(body: &[u8]) -> Self {
        Self(url::form_urlencoded::parse(body).into_owned().collect())
    }

    /// Name and value of each.
    #[must_use]
    pub fn pairs(&self) -> &[(String, String)] {
        &self.0
    }

    /// A field's first value, unless it is empty.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        let found = self.0.iter().find(|(field, _)| field == name)?;
        Some(found.1.as_str()).filter(|value| !value.is_empty())
    }

    /// The account that sent it.
    ///
    /// # Errors
    /// When it is not said.
    pub fn account(&self) -> Result<&str, FormError> {
        self.need("AccountSid")
    }

    fn need(&self, name: &'static str) -> Result<&str, FormError> {
        self.get(name).ok_or(FormError::Missing(name))
    }

    fn seconds(&self, field: &'static str) -> Result<Option<u32>, FormError> {
        let wrong = FormError::Wrong {
            field,
            expected: "a number of seconds",
        };
        self.get(field)
            .map(|digits| digits.parse().map_err(|_| wrong))
            .transpose()
    }
}

/// Which call a callback URL is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CallbackQuery {
    /// Our call's id.
    pub call: CallId,
    /// Which placing of it; 0, which no row has, where it is not said.
    pub epoch: u32,
    /// Which human agent's telephone, from 1; only where it is about one.
    pub leg: Option<u32>,
    /// Which of its media streams; only where one has ended.
    pub generation: Option<u32>,
}

impl CallbackQuery {
    /// Reads `callId=…&e=…[&gen=…][&leg=…]`.
    ///
    /// # Errors
    /// Names the parameter that is missing or is no id or number.
    pub fn read(query: &str) -> Result<Self, FormError> {
        Fields::read(query.as_bytes()).need("e")?;
        Self::read_loosely(query)
    }

    /// Reads the same where there may be no `e`: so the Dialer's document writes the URLs of a conference.
    ///
    /// # Errors
    /// Names the parameter that is missing or is no id or number.
    pub fn read_loosely(query: &str) -> Result<Self, FormError> {
        let fields = Fields::read(query.as_bytes());
        let number = |field: &'static str, digits: &str| {
            digits.parse().map_err(|_| FormError::Wrong {
                field,
                expected: "a number",
            })
        };
        let call = fields.need("callId")?.parse();
        Ok(Self {
            call: call.map_err(|_| FormError::Wrong {
                field: "callId",
                expected: "a call's id",
            })?,
            epoch: fields.get("e").map_or(Ok(0), |digits| number("e", digits))?,
            leg: fields
                .get("leg")
                .map(|digits| number("leg", digits))
                .transpose()?,
            generation: fields
                .get("gen")
                .map(|digits| number("gen", digits))
                .transpose()?,
        })
    }
}

/// Asks for instructions: the call was answered, or its stream has ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AnswerForm {
    /// The carrier's id of the call.
    pub sid: String,
    /// The account it was placed with.
    pub account: String,
    /// Where the call stands, where said.
    pub report: Option<Report>,
    /// What answered; only with synchronous detection.
    pub answered_by: Option<AnsweredBy>,
    /// The keys that were pressed, where keys were asked for.
    pub digits: Option<String>,
}

impl TryFrom<&Fields> for AnswerForm {
    type Error = FormError;
    fn try_from(fields: &Fields) -> Result<Self, FormError> {
        Ok(Self {
            sid: fields.need("CallSid")?.to_owned(),
            account: fields.account()?.to_owned(),
            report: fields.get("CallStatus").and_then(words::report),
            answered_by: fields.get("AnsweredBy").map(words::answered_by),
            digits: fields.get("Digits").map(str::to_owned),
        })
    }
}

/// Tells where a call stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatusForm {
    /// The carrier's id of the call.
    pub sid: String,
    /// The account it was placed with.
    pub account: String,
    /// Where the call stands.
    pub report: Report,
    /// Seconds from answer to end; only with the last report.
    pub duration_s: Option<u32>,
    /// The network's code, such as 486, where said.
    pub sip_code: Option<u32>,
}

impl TryFrom<&Fields> for StatusForm {
    type Error = FormError;
    fn try_from(fields: &Fields) -> Result<Self, FormError> {
        let report = words::report(fields.need("CallStatus")?);
        Ok(Self {
            sid: fields.need("CallSid")?.to_owned(),
            account: fields.account()?.to_owned(),
            report: report.ok_or(FormError::Wrong {
                field: "CallStatus",
                expected: "a documented status",
            })?,
            duration_s: fields.seconds("CallDuration")?,
            sip_code: fields.get("SipResponseCode").and_then(|code| code.parse().ok()),
        })
    }
}

/// Tells who or what answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AmdForm {
    /// The carrier's id of the call.
    pub sid: String,
    /// The account it was placed with.
    pub account: String,
    /// Who or what.
    pub answered_by: AnsweredBy,
}

impl TryFrom<&Fields> for AmdForm {
    type Error = FormError;
    fn try_from(fields: &Fields) -> Result<Self, FormError> {
        Ok(Self {
            sid: fields.need("CallSid")?.to_owned(),
            account: fields.account()?.to_owned(),
            answered_by: words::answered_by(fields.need("AnsweredBy")?),
        })
    }
}

/// What happened in a conference.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RoomEvent {
    /// Somebody came in.
    Join,
    /// Somebody left.
    Leave,
    /// It is over.
    End,
    /// Anything else: it began, somebody is muted or on hold.
    Other,
}

/// Tells of a conference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConferenceForm {
    /// The account that it is of.
    pub account: String,
    /// The carrier's id of it.
    pub conference: String,
    /// Its name.
    pub name: Option<String>,
    /// What happened.
    pub event: RoomEvent,
    /// Whose call it is about, where it is about one.
    pub sid: Option<String>,
    /// The label under which that one came in.
    pub label: Option<String>,
    /// Counts the conference's events.
    pub sequence: Option<u32>,
    /// When, in the carrier's words.
    pub at: Option<String>,
}

impl TryFrom<&Fields> for ConferenceForm {
    type Error = FormError;
    fn try_from(fields: &Fields) -> Result<Self, FormError> {
        let text = |name: &str| fields.get(name).map(str::to_owned);
        Ok(Self {
            account: fields.account()?.to_owned(),
            conference: fields.need("ConferenceSid")?.to_owned(),
            name: text("FriendlyName"),
            event: match fields.need("StatusCallbackEvent")? {
                "participant-join" => RoomEvent::Join,
                "participant-leave" => RoomEvent::Leave,
                "conference-end" => RoomEvent::End,
                _ => RoomEvent::Other,
            },
            sid: text("CallSid"),
            label: text("ParticipantLabel"),
            sequence: fields
                .get("SequenceNumber")
                .and_then(|digits| digits.parse().ok()),
            at: text("Timestamp"),
        })
    }
}

/// Tells of a recording that the carrier made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordingForm {
    /// The carrier's id of the call.
    pub sid: String,
    /// The account it was placed with.
    pub account: String,
    /// The carrier's id of the recording.
    pub recording: String,
    /// `in-progress`, `completed` or `absent`.
    pub status: String,
    /// Where it can be fetched, once completed.
    pub url: Option<String>,
    /// How long it is.
    pub duration_s: Option<u32>,
}

impl TryFrom<&Fields> for RecordingForm {
    type Error = FormError;
    fn try_from(fields: &Fields) -> Result<Self, FormError> {
        Ok(Self {
            sid: fields.need("CallSid")?.to_owned(),
            account: fields.account()?.to_owned(),
            recording: fields.need("RecordingSid")?.to_owned(),
            status: fields.need("RecordingStatus")?.to_owned(),
            url: fields.get("RecordingUrl").map(str::to_owned),
            duration_s: fields.seconds("RecordingDuration")?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_came_to_a_room_is_read() {
        let body = b"AccountSid=AC1&ConferenceSid=CF1&FriendlyName=call_1&StatusCallbackEvent=participant-join&CallSid=CA2\
            &ParticipantLabel=leg-1&SequenceNumber=2&Timestamp=Tue%2C+31+Aug+2010+20%3A36%3A28+%2B0000";
        let form = ConferenceForm::try_from(&Fields::read(body)).unwrap();
        assert_eq!(
            (form.event, form.label.as_deref()),
            (RoomEvent::Join, Some("leg-1"))
        );
        assert_eq!((form.conference.as_str(), form.sequence), ("CF1", Some(2)));
        let lacks = ConferenceForm::try_from(&Fields::read(b"AccountSid=AC1&ConferenceSid=CF1")).unwrap_err();
        assert_eq!(lacks.to_string(), "the callback has no StatusCallbackEvent");
    }

    #[test]
    fn a_telephones_url_is_read_also_as_the_dialers_document_writes_it() {
        let call: CallId = CALL.parse().unwrap();
        let url = crate::HookUrls::new("https://h").agent_answer(call, 3, 2);
        let query = url.split_once('?').unwrap().1.split_once('#').unwrap().0;
        let ours = CallbackQuery::read(query).unwrap();
        assert_eq!((ours.epoch, ours.leg), (3, Some(2)));
        let written = format!("conferenceName=call_{CALL}&leadName=John%20Doe&callId={CALL}");
        assert!(CallbackQuery::read(&written).is_err());
        let theirs = CallbackQuery::read_loosely(&written).unwrap();
        assert_eq!((theirs.call, theirs.epoch, theirs.leg), (call, 0, None));
    }

    const CALL: &str = "6f1c2f0e-5a53-4b7e-9d1c-0f6a3c1b2d4e";

    #[test]
    fn a_status_callback_is_read_with_its_escapes() {
        let body = b"CallSid=CA1&AccountSid=AC1&To=%2B14155550100&CallStatus=no-answer&CallDuration=0&SipResponseCode=487";
        let form = StatusForm::try_from(&Fields::read(body)).unwrap();
        assert_eq!(form.report, Report::NoAnswer);
        assert_eq!((form.duration_s, form.sip_code), (Some(0), Some(487)));
    }

    #[test]
    fn what_is_missing_or_wrong_is_named() {
        let read = |body: &str| {
            StatusForm::try_from(&Fields::read(body.as_bytes()))
                .unwrap_err()
                .to_string()
        };
        assert_eq!(
            read("AccountSid=AC1&CallStatus=busy"),
            "the callback has no CallSid"
        );
        assert!(read("CallSid=CA1&AccountSid=AC1&CallStatus=sleeping").contains("CallStatus"));
        assert!(
            read("CallSid=CA1&AccountSid=AC1&CallStatus=completed&CallDuration=-1").contains("CallDuration")
        );
    }

    #[test]
    fn a_verdict_that_is_new_to_us_counts_as_unknown() {
        let body = b"CallSid=CA1&AccountSid=AC1&AnsweredBy=parrot";
        assert_eq!(
            AmdForm::try_from(&Fields::read(body)).unwrap().answered_by,
            AnsweredBy::Unknown
        );
    }

    #[test]
    fn the_query_of_our_own_urls_is_read_back() {
        let call: CallId = CALL.parse().unwrap();
        let url = crate::HookUrls::new("https://h/").stream_ended(call, 3, 1);
        let query = url.split_once('?').unwrap().1.split_once('#').unwrap().0;
        let read = CallbackQuery::read(query).unwrap();
        assert_eq!(
            read,
            CallbackQuery {
                call,
                epoch: 3,
                leg: None,
                generation: Some(1)
            }
        );
        for broken in [
            "",
            "callId=42&e=1",
            &format!("callId={CALL}"),
            &format!("callId={CALL}&e=x"),
        ] {
            assert!(CallbackQuery::read(broken).is_err(), "{broken}");
        }
    }
}
