//! A page of a list.

/// Which part of a list is asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PageQuery {
    /// Rows to skip; at most 10,000, further on there is the cursor.
    pub skip: u32,
    /// Rows to answer.
    pub limit: u32,
    /// Where the last page ended, from its `next_cursor`.
    pub cursor: Option<String>,
}

/// A part of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T> {
    /// The rows.
    pub items: Vec<T>,
    /// How many rows match in all.
    pub total: u64,
    /// `total` is a lower bound.
    pub total_is_lower_bound: bool,
    /// Where the next page begins; none at the end.
    pub next_cursor: Option<String>,
}

impl<T> Page<T> {
    /// The same page of other rows.
    pub fn map<U>(self, f: impl FnMut(T) -> U) -> Page<U> {
        Page {
            items: self.items.into_iter().map(f).collect(),
            total: self.total,
            total_is_lower_bound: self.total_is_lower_bound,
            next_cursor: self.next_cursor,
        }
    }
}
