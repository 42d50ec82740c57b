//! The worlds: how large, how hostile, and which safeguards hold.

use std::ops::Range;

use chrono::Duration;
use trunkline_domain::dial::Protocol;

/// A world's conditions.
#[derive(Debug, Clone)]
pub(crate) struct Scene {
    pub protocol: Protocol,
    pub campaigns: usize,
    /// Leads of each; half of the numbers are in the next campaign too.
    pub leads: usize,
    /// Seconds between two ticks of the scheduler.
    pub tick_s: u64,
    pub dialers: Weather,
    pub scheduler: Weather,
    pub hooks: Weather,
    pub carrier: Manners,
    /// Whether a user pauses, resumes and opts numbers out meanwhile.
    pub user: bool,
}

/// How bad a party's network is. Of 1,000 requests, so many…
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Weather {
    /// …are carried out and never answered: the party dies there.
    pub dies: u32,
    /// …freeze the party for five minutes once carried out.
    pub freezes: u32,
    /// …are carried out and their answer is lost.
    pub loses: u32,
    /// Of 1,000 transactions, so many freeze the party for five minutes once carried out.
    pub freezes_writes: u32,
    /// The first such party dies just after this write of its own, counted from 1.
    pub dies_after_write: Option<u32>,
}

/// What the carrier does. Of 100 requests or callbacks, so many…
#[derive(Debug, Clone)]
pub(crate) struct Manners {
    /// …are answered 429.
    pub slow_down: u32,
    /// …are answered 500 and not placed.
    pub breaks: u32,
    /// …are placed, and the answer is lost.
    pub loses_answer: u32,
    /// …of its looks fail.
    pub browns_out: u32,
    /// …callbacks never come.
    pub loses_callback: u32,
    /// …come twice.
    pub repeats_callback: u32,
    /// …come late.
    pub delays_callback: u32,
    /// How late, in milliseconds.
    pub late_ms: Range<u64>,
    /// How long its list hides a placed call, in milliseconds.
    pub lag_ms: Range<i64>,
}

/// The longest that any world's list hides a call is below this.
pub(crate) const SETTLE: Duration = Duration::seconds(60);

impl Scene {
    /// A bit of everything at once, as the deployed platform would meet it.
    pub(crate) fn storm() -> Self {
        let weather = Weather {
            dies: 4,
            freezes: 4,
            loses: 4,
            freezes_writes: 10,
            dies_after_write: None,
        };
        Self {
            protocol: Protocol::with_settle(SETTLE),
            campaigns: 2,
            leads: 16,
            tick_s: 30,
            dialers: weather,
            scheduler: weather,
            hooks: weather,
            carrier: Manners {
                slow_down: 4,
                breaks: 3,
                loses_answer: 8,
                browns_out: 5,
                loses_callback: 12,
                repeats_callback: 15,
                delays_callback: 15,
                late_ms: 1_000..150_000,
                lag_ms: 0..45_000,
            },
            user: true,
        }
    }

    /// Dialers often freeze just after their claim is written, for longer than it takes to settle it.
    pub(crate) fn frozen() -> Self {
        Self {
            campaigns: 1,
            leads: 8,
            tick_s: 10,
            dialers: Weather {
                freezes_writes: 250,
                ..Weather::default()
            },
            scheduler: Weather::default(),
            hooks: Weather::default(),
            carrier: Manners::kind(),
            user: false,
            ..Self::storm()
        }
    }

    /// The carrier places, loses its answer, tells nothing for minutes, and hides the call for long.
    pub(crate) fn lagging() -> Self {
        Self {
            campaigns: 1,
            leads: 8,
            tick_s: 5,
            dialers: Weather::default(),
            scheduler: Weather::default(),
            hooks: Weather::default(),
            carrier: Manners {
                loses_answer: 60,
                loses_callback: 50,
                delays_callback: 100,
                late_ms: 60_000..200_000,
                lag_ms: 25_000..45_000,
                ..Manners::kind()
            },
            user: false,
            ..Self::storm()
        }
    }

    /// Nothing goes wrong but what the test adds.
    pub(crate) fn calm() -> Self {
        Self {
            campaigns: 1,
            leads: 3,
            tick_s: 30,
            carrier: Manners::kind(),
            ..Self::frozen()
        }
        .with_dialers(Weather::default())
    }

    pub(crate) fn with_dialers(self, dialers: Weather) -> Self {
        Self { dialers, ..self }
    }

    pub(crate) fn with_protocol(self, change: impl FnOnce(&mut Protocol)) -> Self {
        let mut protocol = self.protocol;
        change(&mut protocol);
        Self { protocol, ..self }
    }
}

impl Manners {
    const fn kind() -> Self {
        Self {
            slow_down: 0,
            breaks: 0,
            loses_answer: 0,
            browns_out: 0,
            loses_callback: 0,
            repeats_callback: 0,
            delays_callback: 0,
            late_ms: 1..2,
            lag_ms: 0..1_000,
        }
    }
}
