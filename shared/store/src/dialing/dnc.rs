//! The do-not-call list. A mark stands on the number's own row, which every claim looks at, so the list and what dials can never differ;
//! the row is in index `list` while it is marked, newest first, and in `due` when the mark ends by itself.

use aws_sdk_dynamodb::types::{ReturnValue, Select};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use trunkline_domain::{
    CallId, E164, Instant, TenantId, UserId,
    id::derived,
    page::{Page, PageQuery},
};
use trunkline_events::Event;

use crate::{
    Result, Store, StoreError,
    item::{Item, b, key, ms, number, s, text, truth},
    keys,
    leads::primary,
};

/// How many entries are counted for a list's total.
const COUNTED: usize = 10_000;

/// A number that is not to be called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DncEntry {
    /// Whose list it is on.
    pub tenant: TenantId,
    /// The number.
    pub phone: E164,
    /// How it came there: `speech`, `key`, `operator`, `import`, `api` or a client's own word.
    pub source: String,
    /// Why.
    pub reason: Option<String>,
    /// The user who put it there.
    pub added_by: Option<UserId>,
    /// Since when.
    pub created_at: Instant,
    /// Until when; none: for good.
    pub expires_at: Option<Instant>,
}

impl DncEntry {
    /// A mark for good.
    #[must_use]
    pub fn lasting(tenant: TenantId, phone: &E164, source: &str, now: Instant) -> Self {
        Self {
            tenant,
            phone: phone.clone(),
            source: source.to_owned(),
            reason: None,
            added_by: None,
            created_at: now,
            expires_at: None,
        }
    }
}

impl Store {
    /// Marks a number as not to be called, with its event, in one write; answers the unfinished call that it is in. A number that
    /// is marked already keeps its mark, which only becomes longer.
    ///
    /// # Errors
    /// When the store does not answer; repeating is harmless.
    pub async fn mark_dnc(&self, entry: &DncEntry) -> Result<Option<CallId>> {
        let (tenant, phone) = (entry.tenant, &entry.phone);
        let event = Event::opted_out(tenant, phone, entry.created_at);
        let mut set = vec![
            "dnc = :on",
            "dnc_source = :source",
            "dnc_at = :at",
            "ev = :ev",
            "list_pk = :list",
            "list_sk = :place",
        ];
        let mut update = self
            .db
            .update_item()
            .table_name(&self.tables.dialing)
            .set_key(Some(key(keys::phone_number(tenant, phone), "NUM")))
            .condition_expression("attribute_not_exists(dnc)")
            .expression_attribute_values(":on", b(true))
            .expression_attribute_values(":source", s(&entry.source))
            .expression_attribute_values(":at", ms(entry.created_at))
            .expression_attribute_values(":ev", super::number::event(&event)?)
            .expression_attribute_values(":list", s(keys::dnc_list(tenant)))
            .expression_attribute_values(":place", s(keys::dnc_place(entry.created_at, phone)));
        if let Some(reason) = &entry.reason {
            set.push("dnc_reason = :reason");
            update = update.expression_attribute_values(":reason", s(reason));
        }
        if let Some(user) = entry.added_by {
            set.push("dnc_by = :by");
            update = update.expression_attribute_values(":by", s(user.to_string()));
        }
        if let Some(end) = entry.expires_at {
            set.extend(["dnc_until = :until", "due_pk = :wake", "due_sk = :due"]);
            update = update
                .expression_attribute_values(":until", ms(end))
                .expression_attribute_values(":wake", s(wake(phone)))
                .expression_attribute_values(":due", s(keys::dnc_due(end)));
        }
        let update = update
            .update_expression(format!("SET {}", set.join(", ")))
            .return_values(ReturnValue::AllNew);
        match update.send().await.map_err(StoreError::from_sdk) {
            Ok(row) => {
                let row = row.attributes.unwrap_or_default();
                Ok(text(&row, "in_flight").and_then(|id| id.parse().ok()))
            }
            Err(error) if error.is_condition() => {
                self.prolong_dnc(entry).await?;
                Ok(self.number(tenant, phone).await?.in_flight)
            }
            Err(error) => Err(error),
        }
    }

    /// Moves the end of a mark that is there further away.
    async fn prolong_dnc(&self, entry: &DncEntry) -> Result<()> {
        let update = self
            .db
            .update_item()
            .table_name(&self.tables.dialing)
            .set_key(Some(key(keys::phone_number(entry.tenant, &entry.phone), "NUM")));
        let update = match entry.expires_at {
            None => update
                .update_expression("REMOVE dnc_until, due_pk, due_sk")
                .condition_expression("attribute_exists(dnc)"),
            Some(end) => update
                .update_expression("SET dnc_until = :until, due_sk = :due")
                // A mark without an end has no `dnc_until`, which is not less than anything.
                .condition_expression("dnc_until < :until")
                .expression_attribute_values(":until", ms(end))
                .expression_attribute_values(":due", s(keys::dnc_due(end))),
        };
        match update.send().await.map_err(StoreError::from_sdk) {
            Err(error) if !error.is_condition() => Err(error),
            Ok(_) | Err(_) => Ok(()),
        }
    }

    /// Lifts a mark; `expired_by`: only if it has ended by then. `false`: there was none.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn lift_dnc(
        &self,
        tenant: TenantId,
        phone: &E164,
        expired_by: Option<Instant>,
    ) -> Result<bool> {
        let update = self
            .db
            .update_item()
            .table_name(&self.tables.dialing)
            .set_key(Some(key(keys::phone_number(tenant, phone), "NUM")))
            .update_expression(
                "REMOVE dnc, dnc_source, dnc_at, dnc_reason, dnc_by, dnc_until, list_pk, list_sk, due_pk, due_sk",
            );
        let update = match expired_by {
            None => update.condition_expression("attribute_exists(dnc)"),
            Some(now) => update
                .condition_expression("dnc_until <= :now")
                .expression_attribute_values(":now", ms(now)),
        };
        match update.send().await.map_err(StoreError::from_sdk) {
            Ok(_) => Ok(true),
            Err(error) if error.is_condition() => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// A number's entry, read consistently.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn dnc(&self, tenant: TenantId, phone: &E164) -> Result<Option<DncEntry>> {
        let wanted = vec![key(keys::phone_number(tenant, phone), "NUM")];
        let rows = self.batch_get(&self.tables.dialing, wanted).await?;
        Ok(rows.first().and_then(|row| read(tenant, row)))
    }

    /// A tenant's list, newest first. The total is exact up to 10,000.
    ///
    /// # Errors
    /// [`StoreError::Cursor`] for a cursor that is not of this list; when the store does not answer.
    pub async fn list_dnc(&self, tenant: TenantId, page: &PageQuery) -> Result<Page<DncEntry>> {
        let after = page.cursor.as_deref().map(read_cursor).transpose()?;
        let skip = if after.is_some() { 0 } else { page.skip };
        let first = usize::try_from(skip).unwrap_or(usize::MAX);
        let limit = usize::try_from(page.limit).unwrap_or(usize::MAX);
        let (total, mut places) = futures::try_join!(
            self.count_dnc(tenant),
            self.dnc_places(
                tenant,
                after.as_deref(),
                first.saturating_add(limit).saturating_add(1)
            ),
        )?;
        let more = places.len() > first.saturating_add(limit);
        places.truncate(first.saturating_add(limit));
        let shown = places.split_off(first.min(places.len()));
        let next_cursor = shown
            .last()
            .filter(|_| more)
            .and_then(|place| text(place, "list_sk"))
            .map(|place| URL_SAFE_NO_PAD.encode(place));
        let wanted = shown.iter().map(primary).collect();
        let rows = self.batch_get(&self.tables.dialing, wanted).await?;
        Ok(Page {
            items: rows.iter().filter_map(|row| read(tenant, row)).collect(),
            total: u64::try_from(total.min(COUNTED)).unwrap_or(u64::MAX),
            total_is_lower_bound: total > COUNTED,
            next_cursor,
        })
    }

    /// Marks that have ended, `limit` of each shard: whose, and of which number.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn ended_dnc(&self, now: Instant, limit: i32) -> Result<Vec<(TenantId, E164)>> {
        let due = self.due_rows(keys::DNC_DUE, &keys::dnc_due(now), limit).await?;
        let numbers = due.iter().filter_map(|row| text(row, "PK"));
        Ok(numbers.filter_map(keys::read_phone_number).collect())
    }

    async fn dnc_places(&self, tenant: TenantId, after: Option<&str>, most: usize) -> Result<Vec<Item>> {
        let query = self
            .db
            .query()
            .table_name(&self.tables.dialing)
            .index_name("list")
            .expression_attribute_values(":pk", s(keys::dnc_list(tenant)))
            .scan_index_forward(false);
        let query = match after {
            None => query.key_condition_expression("list_pk = :pk"),
            Some(place) => query
                .key_condition_expression("list_pk = :pk AND list_sk < :after")
                .expression_attribute_values(":after", s(place)),
        };
        let mut found = Vec::new();
        let mut pages = query
            .limit(i32::try_from(most).unwrap_or(i32::MAX))
            .into_paginator()
            .items()
            .send();
        while found.len() < most
            && let Some(row) = pages.next().await
        {
            found.push(row.map_err(StoreError::from_sdk)?);
        }
        Ok(found)
    }

    /// How many there are, as far as they are counted.
    async fn count_dnc(&self, tenant: TenantId) -> Result<usize> {
        let mut pages = self
            .db
            .query()
            .table_name(&self.tables.dialing)
            .index_name("list")
            .key_condition_expression("list_pk = :pk")
            .expression_attribute_values(":pk", s(keys::dnc_list(tenant)))
            .select(Select::Count)
            .into_paginator()
            .send();
        let mut count = 0;
        while count <= COUNTED
            && let Some(page) = pages.next().await
        {
            let found = page.map_err(StoreError::from_sdk)?.count;
            count += usize::try_from(found).unwrap_or(0);
        }
        Ok(count)
    }
}

/// The shard of index `due` that a number's mark ends in.
fn wake(phone: &E164) -> String {
    keys::wake(keys::shard_of(&derived(phone.as_str())))
}

/// A place in the list, from a client's `cursor`.
fn read_cursor(cursor: &str) -> Result<String> {
    let bytes = URL_SAFE_NO_PAD.decode(cursor).map_err(|_| StoreError::Cursor)?;
    let place = String::from_utf8(bytes).map_err(|_| StoreError::Cursor)?;
    let well_formed = place.split_once('#').is_some_and(|(time, digits)| {
        time.parse::<Instant>().is_ok() && digits.bytes().all(|byte| byte.is_ascii_digit())
    });
    well_formed.then_some(place).ok_or(StoreError::Cursor)
}

/// A number's row as an entry, while it is marked.
pub(super) fn read(tenant: TenantId, row: &Item) -> Option<DncEntry> {
    let (_, phone) = keys::read_phone_number(text(row, "PK")?).filter(|_| truth(row, "dnc"))?;
    let time = |name: &str| {
        Some(number(row, name))
            .filter(|at| *at > 0)
            .and_then(chrono::DateTime::from_timestamp_millis)
    };
    Some(DncEntry {
        tenant,
        phone,
        source: text(row, "dnc_source").unwrap_or("api").to_owned(),
        reason: text(row, "dnc_reason").map(str::to_owned),
        added_by: text(row, "dnc_by").and_then(|id| id.parse().ok()),
        created_at: time("dnc_at")?,
        expires_at: time("dnc_until"),
    })
}
