//! The trail of who did what: a row below the actor's tenant, and in index `all` for the admin.

use aws_sdk_dynamodb::types::Select;
use serde::{Deserialize, Serialize};
use trunkline_domain::{
    Instant, TenantId, UserId,
    page::{Page, PageQuery},
};
use uuid::Uuid;

use super::roll::{COUNTED, Place, Span, shown};
use crate::{
    Result, Store, StoreError,
    item::{item, key, read, s, text},
    keys,
};

/// Rows that one request reads at most to find those that a filter wants.
const READ: usize = 2_000;
/// Rows that are read at a time.
const A_TIME: usize = 200;

/// Something that somebody did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditEntry {
    /// Its id.
    pub id: Uuid,
    /// When.
    #[serde(rename = "done_at")]
    pub at: Instant,
    /// The actor's tenant.
    pub tenant: TenantId,
    /// Who.
    pub actor: UserId,
    /// Who, as they were called then.
    pub actor_email: String,
    /// What, such as `campaigns.launch`.
    pub action: String,
    /// On what kind of record, such as `campaign`.
    pub target_type: String,
    /// On which.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target_id: Option<Uuid>,
    /// From which address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
}

/// Which entries are asked for.
#[derive(Debug, Clone, Default)]
pub struct AuditFilter {
    /// Of this tenant's people; none: of all.
    pub tenant: Option<TenantId>,
    /// From this instant on.
    pub from: Option<Instant>,
    /// Before this instant.
    pub before: Option<Instant>,
    /// This action.
    pub action: Option<String>,
    /// By this address, lower-case.
    pub actor_email: Option<String>,
    /// On this kind of record.
    pub target_type: Option<String>,
    /// On this record.
    pub target_id: Option<Uuid>,
}

impl AuditFilter {
    /// Whether entries have to be read to know which are wanted.
    fn looks_inside(&self) -> bool {
        self.action.is_some()
            || self.actor_email.is_some()
            || self.target_type.is_some()
            || self.target_id.is_some()
    }

    fn wants(&self, entry: &AuditEntry) -> bool {
        fn is<T: PartialEq>(asked: Option<&T>, found: &T) -> bool {
            asked.is_none_or(|asked| asked == found)
        }
        is(self.action.as_ref(), &entry.action)
            && is(self.actor_email.as_ref(), &entry.actor_email)
            && is(self.target_type.as_ref(), &entry.target_type)
            && self.target_id.is_none_or(|asked| entry.target_id == Some(asked))
    }
}

impl Store {
    /// Writes an entry, or writes it anew.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn put_audit(&self, entry: &AuditEntry) -> Result<()> {
        let order = order(entry);
        let mut row = item(keys::audit(entry.tenant), &order, entry)?;
        row.insert("all_pk".to_owned(), s(keys::all_audit(entry.id)));
        row.insert("all_sk".to_owned(), s(order));
        let put = self.db.put_item().table_name(&self.tables.identity);
        put.set_item(Some(row))
            .send()
            .await
            .map_err(StoreError::from_sdk)?;
        Ok(())
    }

    /// Takes an entry back: what it tells of was refused.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn remove_audit(&self, entry: &AuditEntry) -> Result<()> {
        let delete = self.db.delete_item().table_name(&self.tables.identity);
        let delete = delete.set_key(Some(key(keys::audit(entry.tenant), order(entry))));
        delete.send().await.map_err(StoreError::from_sdk)?;
        Ok(())
    }

    /// Entries, newest first. Up to 10,000 are counted; a filter on what an entry says looks through 2,000 a request, and
    /// goes on with the cursor.
    ///
    /// # Errors
    /// When the store does not answer, or the cursor is not one of this list.
    pub async fn list_audit(&self, filter: &AuditFilter, page: &PageQuery) -> Result<Page<AuditEntry>> {
        let size = |number: u32| usize::try_from(number).unwrap_or(usize::MAX);
        let mut span = Span {
            from: filter.from,
            before: filter.before,
            cursor: page.cursor.clone(),
        };
        span = span.check()?;
        let whole = Span {
            cursor: None,
            ..span.clone()
        };
        let skip = if page.cursor.is_some() { 0 } else { size(page.skip) };
        let (mut items, mut passed, mut looked) = (Vec::new(), 0, 0);
        let most = if filter.looks_inside() { READ } else { usize::MAX };
        let next_cursor = loop {
            let places = self.audit_places(filter.tenant, &span, A_TIME).await?;
            let last = places.last().map(|place| place.order.clone());
            looked += places.len();
            let ended = places.len() < A_TIME;
            let mut rows = self.rows_at(&places).await?.into_iter().map(read::<AuditEntry>);
            let mut full = None;
            while let Some(entry) = rows.next().transpose()? {
                if !filter.wants(&entry) {
                    continue;
                }
                if passed < skip {
                    passed += 1;
                } else if items.len() < size(page.limit) {
                    items.push(entry);
                } else {
                    full = items.last().map(order);
                    break;
                }
            }
            match (full, last) {
                (Some(full), _) => break Some(full),
                (None, None) => break None,
                (None, Some(_)) if ended => break None,
                (None, Some(last)) if looked >= most => break Some(last),
                (None, Some(last)) => span.cursor = Some(last),
            }
        };
        let (total, total_is_lower_bound) = if filter.looks_inside() {
            let seen = u64::try_from(passed + items.len()).unwrap_or(u64::MAX);
            (seen, next_cursor.is_some() || page.cursor.is_some())
        } else {
            self.count_audit(filter.tenant, &whole).await?
        };
        Ok(Page {
            items,
            total,
            total_is_lower_bound,
            next_cursor: next_cursor.as_deref().map(shown),
        })
    }

    async fn audit_places(&self, tenant: Option<TenantId>, span: &Span, most: usize) -> Result<Vec<Place>> {
        let Some(tenant) = tenant else {
            return self.newest(&keys::audit_shards(), span, most).await;
        };
        let mut rows = self
            .tenants_audit(tenant, span)
            .scan_index_forward(false)
            .projection_expression("PK, SK")
            .into_paginator()
            .items()
            .send();
        let mut places = Vec::new();
        while let Some(row) = rows.next().await {
            let row = row.map_err(StoreError::from_sdk)?;
            let (Some(pk), Some(sk)) = (text(&row, "PK"), text(&row, "SK")) else {
                continue;
            };
            if sk < span.ceiling().as_str() {
                places.push(Place {
                    order: sk.to_owned(),
                    pk: pk.to_owned(),
                    sk: sk.to_owned(),
                });
            }
            if places.len() >= most {
                break;
            }
        }
        Ok(places)
    }

    async fn count_audit(&self, tenant: Option<TenantId>, span: &Span) -> Result<(u64, bool)> {
        let Some(tenant) = tenant else {
            return self.count_list(&keys::audit_shards(), span).await;
        };
        let mut pages = self
            .tenants_audit(tenant, span)
            .select(Select::Count)
            .into_paginator()
            .send();
        let mut total = 0;
        while let Some(page) = pages.next().await {
            total += u64::try_from(page.map_err(StoreError::from_sdk)?.count).unwrap_or(0);
            if total > COUNTED {
                return Ok((COUNTED, true));
            }
        }
        Ok((total, false))
    }

    fn tenants_audit(
        &self,
        tenant: TenantId,
        span: &Span,
    ) -> aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder {
        let query = self.db.query().table_name(&self.tables.identity);
        query
            .key_condition_expression("PK = :pk AND SK BETWEEN :from AND :upto")
            .expression_attribute_values(":pk", s(keys::audit(tenant)))
            .expression_attribute_values(":from", s(span.floor()))
            .expression_attribute_values(":upto", s(span.ceiling()))
    }
}

fn order(entry: &AuditEntry) -> String {
    format!("{}#{}", keys::time(entry.at), entry.id)
}
