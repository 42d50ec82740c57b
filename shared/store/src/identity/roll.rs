//! Lists over index `all`: its partitions are shards of one list, merged here by time, newest first.

use aws_sdk_dynamodb::types::{KeysAndAttributes, Select};
use futures::future::try_join_all;
use trunkline_domain::{Instant, User, page::PageQuery};

use crate::{
    Result, Store, StoreError,
    item::{Item, key, read, s, text},
    keys,
};

/// Rows beyond which a list is not counted.
pub(super) const COUNTED: u64 = 10_000;
/// Keys of one BatchGet.
const A_BATCH: usize = 100;

/// A row's place in a list: its sort key there, and its own key.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    pub(super) order: String,
    pub(super) pk: String,
    pub(super) sk: String,
}

/// Which part of a list's time is asked for; a cursor is the last row's sort key.
#[derive(Debug, Clone, Default)]
pub(super) struct Span {
    pub(super) from: Option<Instant>,
    pub(super) before: Option<Instant>,
    pub(super) cursor: Option<String>,
}

impl Span {
    pub(super) fn floor(&self) -> String {
        self.from.map_or_else(|| "0".to_owned(), keys::time)
    }

    /// The first sort key that is no longer asked for.
    pub(super) fn ceiling(&self) -> String {
        let before = self.before.map_or_else(|| "9".to_owned(), keys::time);
        match &self.cursor {
            Some(cursor) if *cursor < before => cursor.clone(),
            Some(_) | None => before,
        }
    }

    /// Reads the cursor as [`shown`] wrote it; refuses what no list gave as one.
    pub(super) fn check(mut self) -> Result<Self> {
        self.cursor = self.cursor.map(|cursor| cursor.replace('~', "#"));
        let fits = |cursor: &String| {
            cursor.split_once('#').is_some_and(|(at, id)| {
                at.len() == 24
                    && chrono::DateTime::parse_from_rfc3339(at).is_ok()
                    && uuid::Uuid::try_parse(id).is_ok()
            })
        };
        if self.cursor.as_ref().is_none_or(fits) {
            Ok(self)
        } else {
            Err(StoreError::Cursor)
        }
    }
}

impl Store {
    /// Users of the whole platform, newest first, and where the next ones begin.
    ///
    /// # Errors
    /// When the store does not answer, or the cursor is not one of this list.
    pub async fn list_users(&self, page: &PageQuery) -> Result<(Vec<User>, Option<String>)> {
        let span = Span {
            cursor: page.cursor.clone(),
            ..Span::default()
        };
        let span = span.check()?;
        let size = |number: u32| usize::try_from(number).unwrap_or(usize::MAX);
        let (skip, limit) = (size(page.skip), size(page.limit));
        let skip = if page.cursor.is_some() { 0 } else { skip };
        let found = self.newest(&keys::user_shards(), &span, skip + limit + 1).await?;
        let more = found.len() > skip + limit;
        let places: Vec<Place> = found.into_iter().skip(skip).take(limit).collect();
        let next = places.last().filter(|_| more).map(|last| shown(&last.order));
        let rows = self.rows_at(&places).await?;
        let users = rows.into_iter().map(read).collect::<Result<_>>()?;
        Ok((users, next))
    }

    /// The newest places of a list, at most `most`.
    pub(super) async fn newest(&self, shards: &[String], span: &Span, most: usize) -> Result<Vec<Place>> {
        let mut asked = Vec::new();
        for pk in shards {
            asked.push(self.newest_of(pk, span, most));
        }
        let mut all: Vec<Place> = try_join_all(asked).await?.into_iter().flatten().collect();
        all.sort_unstable_by(|a, b| b.cmp(a));
        all.truncate(most);
        Ok(all)
    }

    async fn newest_of(&self, pk: &str, span: &Span, most: usize) -> Result<Vec<Place>> {
        let mut rows = self
            .shard(pk, span)
            .limit(i32::try_from(most.min(1_000)).unwrap_or(1_000))
            .scan_index_forward(false)
            .into_paginator()
            .items()
            .send();
        let mut places = Vec::new();
        while let Some(row) = rows.next().await {
            let place = place(&row.map_err(StoreError::from_sdk)?)?;
            if place.order < span.ceiling() {
                places.push(place);
            }
            if places.len() >= most {
                break;
            }
        }
        Ok(places)
    }

    /// How many rows a list has in a span, and whether there are more than were counted.
    pub(super) async fn count_list(&self, shards: &[String], span: &Span) -> Result<(u64, bool)> {
        let mut asked = Vec::new();
        for pk in shards {
            asked.push(self.count_of(pk, span));
        }
        let total: u64 = try_join_all(asked).await?.iter().sum();
        Ok((total.min(COUNTED), total > COUNTED))
    }

    async fn count_of(&self, pk: &str, span: &Span) -> Result<u64> {
        let query = self.shard(pk, span).select(Select::Count);
        let mut pages = query.into_paginator().send();
        let mut count = 0_u64;
        while let Some(page) = pages.next().await {
            let page = page.map_err(StoreError::from_sdk)?;
            count += u64::try_from(page.count).unwrap_or(0);
            if count > COUNTED {
                break;
            }
        }
        Ok(count)
    }

    fn shard(&self, pk: &str, span: &Span) -> Query {
        let query = self.db.query().table_name(&self.tables.identity);
        query
            .index_name("all")
            .key_condition_expression("all_pk = :pk AND all_sk BETWEEN :from AND :upto")
            .expression_attribute_values(":pk", s(pk))
            .expression_attribute_values(":from", s(span.floor()))
            .expression_attribute_values(":upto", s(span.ceiling()))
    }

    /// The rows at these places, in their order; one that is gone meanwhile is left out.
    pub(super) async fn rows_at(&self, places: &[Place]) -> Result<Vec<Item>> {
        let mut batches = Vec::new();
        for batch in places.chunks(A_BATCH) {
            batches.extend(self.batch(batch).await?);
        }
        let mut rows: std::collections::HashMap<(String, String), Item> = batches
            .into_iter()
            .filter_map(|row| {
                let at = (text(&row, "PK")?.to_owned(), text(&row, "SK")?.to_owned());
                Some((at, row))
            })
            .collect();
        let in_order = places
            .iter()
            .filter_map(|place| rows.remove(&(place.pk.clone(), place.sk.clone())));
        Ok(in_order.collect())
    }

    async fn batch(&self, places: &[Place]) -> Result<Vec<Item>> {
        let table = &self.tables.identity;
        let wanted = places.iter().map(|place| key(&place.pk, &place.sk));
        let mut ask = Some(
            KeysAndAttributes::builder()
                .set_keys(Some(wanted.collect()))
                .build()
                .map_err(crate::campaigns::built)?,
        );
        let mut rows = Vec::new();
        // What a batch leaves out for its size comes with the next.
        for _ in 0..10 {
            let Some(keys) = ask.take() else { break };
            let got = self.db.batch_get_item().request_items(table, keys);
            let got = got.send().await.map_err(StoreError::from_sdk)?;
            let found = got.responses.and_then(|mut rows| rows.remove(table));
            rows.extend(found.unwrap_or_default());
            ask = got.unprocessed_keys.and_then(|mut left| left.remove(table));
        }
        if ask.is_some() {
            return Err(StoreError::Throttled);
        }
        Ok(rows)
    }
}

type Query = aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder;

/// A place in a list as its cursor: it needs no encoding in a URL.
pub(super) fn shown(order: &str) -> String {
    order.replace('#', "~")
}

fn place(row: &Item) -> Result<Place> {
    let of = |name: &str| {
        text(row, name)
            .map(str::to_owned)
            .ok_or_else(|| StoreError::Corrupt(format!("an index entry without {name}")))
    };
    Ok(Place {
        order: of("all_sk")?,
        pk: of("PK")?,
        sk: of("SK")?,
    })
}
