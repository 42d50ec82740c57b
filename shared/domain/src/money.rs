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

    /// From a body's number of dollars, to the nearest millionth; none for what is no number or beyond 9 billion.
    #[must_use]
    #[expect(clippy::cast_possible_truncation, reason = "the range is checked before")]
    pub fn from_dollars(dollars: f64) -> Option<Self> {
        let micros = (dollars * 1e6).round();
        (micros.abs() <= 9e15).then_some(Self(micros as i64))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dollars_are_read_to_the_millionth_and_only_where_they_are_an_amount() {
        assert_eq!(Usd::from_dollars(0.1), Some(Usd::from_micros(100_000)));
        assert_eq!(Usd::from_dollars(-2.5), Some(Usd::from_micros(-2_500_000)));
        for wrong in [f64::NAN, f64::INFINITY, 1e300, -1e300] {
            assert_eq!(Usd::from_dollars(wrong), None, "{wrong}");
        }
    }
}
