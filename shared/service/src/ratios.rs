//! Shares and means of counted things, rounded half up.

/// A share in percent, to the nearest `1 / steps`: 10 for one place, 100 for two. Of nothing it is 0.
pub(crate) fn percent(part: i64, whole: i64, steps: i32) -> f64 {
    mean_to(part.saturating_mul(100), whole, steps)
}

/// The mean of `count` things that sum to `sum`, to the nearest `1 / steps`; of nothing it is 0.
pub(crate) fn mean_to(sum: i64, count: i64, steps: i32) -> f64 {
    if count <= 0 {
        return 0.0;
    }
    let rounded = (i128::from(sum) * i128::from(steps) + i128::from(count) / 2) / i128::from(count);
    i32::try_from(rounded).map_or(0.0, f64::from) / f64::from(steps)
}

/// The mean of `count` things that sum to `sum`; of nothing it is 0.
pub(crate) const fn average(sum: i64, count: i64) -> i64 {
    if count <= 0 { 0 } else { (sum + count / 2) / count }
}
