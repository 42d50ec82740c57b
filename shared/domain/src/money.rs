//! Money: US dollars in micro-dollars, so that sums are exact.

use serde::{Deserialize, Serialize};

/// US dollars, kept as millionths.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Usd(i64);

impl Usd {
    /// Nothing.
    pub const ZERO: Self = Self(0);

    /// From millionths of a dollar.
    #[must_use]
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// Millionths of a dollar.
    #[must_use]
    pub const fn micros(self) -> i64 {
        self.0
    }

    /// Dollars as a number, for a body.
    #[must_use]
    #[expect(
        clippy::cast_precision_loss,
        reason = "sums stay far below 2^53 micro-dollars"
    )]
    pub fn dollars(self) -> f64 {
        self.0 as f64 / 1e6
    }

    /// This price, `units` times.
    #[must_use]
    pub const fn times(self, units: i64) -> Self {
        Self(self.0.saturating_mul(units))
    }
}

impl std::ops::Add for Usd {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl std::iter::Sum for Usd {
    fn sum<I: Iterator<Item = Self>>(items: I) -> Self {
        items.fold(Self::ZERO, std::ops::Add::add)
    }
}
