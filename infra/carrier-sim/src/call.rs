//! A call as the carrier's records know it.

use crate::clock::Moment;

/// Where a call stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Status {
    Queued,
    Initiated,
    Ringing,
    InProgress,
    Completed,
    Busy,
    Failed,
    NoAnswer,
    Canceled,
}

impl Status {
    const ALL: [(&'static str, Self); 9] = [
        ("queued", Self::Queued),
        ("initiated", Self::Initiated),
        ("ringing", Self::Ringing),
        ("in-progress", Self::InProgress),
        ("completed", Self::Completed),
        ("busy", Self::Busy),
        ("failed", Self::Failed),
        ("no-answer", Self::NoAnswer),
        ("canceled", Self::Canceled),
    ];

    pub(crate) fn name(self) -> &'static str {
        Self::ALL
            .iter()
            .find(|(_, status)| *status == self)
            .map_or("failed", |(name, _)| *name)
    }

    pub(crate) fn parse(name: &str) -> Option<Self> {
        Self::ALL
            .iter()
            .find(|(known, _)| *known == name)
            .map(|(_, status)| *status)
    }

    /// Whether nothing more will happen to the call.
    pub(crate) fn is_final(self) -> bool {
        match self {
            Self::Queued | Self::Initiated | Self::Ringing | Self::InProgress => false,
            Self::Completed | Self::Busy | Self::Failed | Self::NoAnswer | Self::Canceled => true,
        }
    }
}

/// Who began a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Direction {
    Inbound,
    OutboundApi,
    OutboundDial,
}

impl Direction {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Inbound => "inbound",
            Self::OutboundApi => "outbound-api",
            Self::OutboundDial => "outbound-dial",
        }
    }

    pub(crate) fn parse(name: &str) -> Option<Self> {
        [Self::Inbound, Self::OutboundApi, Self::OutboundDial]
            .into_iter()
            .find(|direction| direction.name() == name)
    }
}

/// One row of the ledger.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    pub(crate) sid: String,
    pub(crate) parent_sid: Option<String>,
    pub(crate) to: String,
    pub(crate) from: String,
    pub(crate) direction: Direction,
    pub(crate) status: Status,
    pub(crate) created: Moment,
    pub(crate) updated: Moment,
    /// When it was dialled; none while it is queued.
    pub(crate) started: Option<Moment>,
    pub(crate) answered: Option<Moment>,
    pub(crate) ended: Option<Moment>,
    pub(crate) answered_by: Option<String>,
    /// What the party does (`GET /sim/calls/{sid}`).
    pub(crate) fate: String,
    /// What the party said, in order.
    pub(crate) said: Vec<String>,
    /// How much speech the party heard.
    pub(crate) heard_ms: u64,
}

impl Call {
    /// Whole seconds from answer to end, rounded; 0 for a call that nobody answered, none for one that has not ended.
    pub(crate) fn duration_s(&self) -> Option<i64> {
        let ended = self.ended?;
        let ms = self
            .answered
            .map_or(0, |answered| (ended - answered).num_milliseconds().max(0));
        Some((ms + 500) / 1000)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_the_carriers_and_come_back() {
        for (name, status) in Status::ALL {
            assert_eq!((Status::parse(name), status.name()), (Some(status), name));
        }
        assert_eq!(Direction::parse("outbound-dial"), Some(Direction::OutboundDial));
        assert_eq!((Status::parse("done"), Direction::parse("up")), (None, None));
    }
}
