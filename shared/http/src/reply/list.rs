//! Pages of lists, in each document's words.

use schemars::JsonSchema;
use serde::Serialize;
use trunkline_domain::page::{Page, PageQuery};

/// VoiceERA's list: `{total, skip, limit, items, next_cursor}`.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct List<T> {
    /// How many match in all.
    #[schemars(example = 1)]
    pub total: u64,
    /// `gte` when `total` is a lower bound; else left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-seldom" = true))]
    pub total_relation: Option<&'static str>,
    /// Rows skipped.
    #[schemars(example = 0)]
    pub skip: u32,
    /// Rows asked for.
    #[schemars(example = 10)]
    pub limit: u32,
    /// The rows.
    pub items: Vec<T>,
    /// Give it back as `cursor` for the next page; null at the end.
    pub next_cursor: Option<String>,
}

impl<T> List<T> {
    /// The page that was asked for.
    pub fn of(page: Page<T>, asked: &PageQuery) -> Self {
        Self {
            total: page.total,
            total_relation: relation(page.total_is_lower_bound),
            skip: asked.skip,
            limit: asked.limit,
            items: page.items,
            next_cursor: page.next_cursor,
        }
    }
}

/// What the Dialer's lists carry beside their rows; flatten it beside `leads: Vec<…>`.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct DialerCount {
    /// Rows in this answer.
    #[schemars(example = 1)]
    pub count: usize,
    /// How many match in all.
    #[schemars(example = 1)]
    pub total: u64,
    /// `gte` when `total` is a lower bound; else left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-seldom" = true))]
    pub total_relation: Option<&'static str>,
    /// Give it back as `cursor` for the next page; null at the end.
    pub next_cursor: Option<String>,
}

impl DialerCount {
    /// Of a page.
    pub fn of<T>(page: &Page<T>) -> Self {
        Self {
            count: page.items.len(),
            total: page.total,
            total_relation: relation(page.total_is_lower_bound),
            next_cursor: page.next_cursor.clone(),
        }
    }
}

/// The `pagination` object of `/api/v1`.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct V1Pagination {
    /// How many match in all.
    #[schemars(example = 1)]
    pub total: u64,
    /// `gte` when `total` is a lower bound; else left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-seldom" = true))]
    pub total_relation: Option<&'static str>,
    /// This page, from 1.
    #[schemars(example = 1)]
    pub page: u32,
    /// Rows asked for.
    #[schemars(example = 10)]
    pub limit: u32,
    /// How many pages there are.
    #[schemars(example = 1)]
    pub pages: u64,
    /// Give it back as `cursor` for the next page; null at the end.
    pub next_cursor: Option<String>,
}

impl V1Pagination {
    /// Of a page.
    pub fn of<T>(page: &Page<T>, asked: &PageQuery) -> Self {
        let limit = asked.limit.max(1);
        Self {
            total: page.total,
            total_relation: relation(page.total_is_lower_bound),
            page: asked.skip / limit + 1,
            limit,
            pages: page.total.div_ceil(u64::from(limit)),
            next_cursor: page.next_cursor.clone(),
        }
    }
}

fn relation(lower_bound: bool) -> Option<&'static str> {
    lower_bound.then_some("gte")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(total: u64) -> Page<u8> {
        Page {
            items: vec![1, 2],
            total,
            total_is_lower_bound: false,
            next_cursor: None,
        }
    }

    #[test]
    fn pages_are_counted_up() {
        let asked = PageQuery {
            skip: 20,
            limit: 10,
            cursor: None,
        };
        let v1 = V1Pagination::of(&page(22), &asked);
        assert_eq!((v1.page, v1.pages), (3, 3));
        assert_eq!(
            V1Pagination::of(
                &page(0),
                &PageQuery {
                    skip: 0,
                    limit: 10,
                    cursor: None
                }
            )
            .pages,
            0
        );
    }

    #[test]
    fn the_dialers_count_is_of_this_answer() {
        let dialer = DialerCount::of(&page(22));
        assert_eq!((dialer.count, dialer.total), (2, 22));
    }
}
