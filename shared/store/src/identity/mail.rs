//! The mailbox: without a mail server, what the platform writes to people waits here for the admin.

use chrono::Duration;
use serde::{Deserialize, Serialize};
use trunkline_domain::{Instant, page::PageQuery};
use uuid::Uuid;

use crate::{
    Result, Store, StoreError,
    item::{item, key, n, read, s, text},
    keys,
};

/// How long a mail is kept.
const KEPT_DAYS: i64 = 30;

/// A mail.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mail {
    /// Its id.
    pub id: Uuid,
    /// To whom.
    pub to: String,
    /// What about.
    pub subject: String,
    /// Plain text. It may hold a token.
    pub body: String,
    /// When it was written.
    pub at: Instant,
}

impl std::fmt::Debug for Mail {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Mail")
            .field("id", &self.id)
            .field("subject", &self.subject)
            .finish_non_exhaustive()
    }
}

impl Store {
    /// Puts a mail into the mailbox.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn put_mail(&self, mail: &Mail) -> Result<()> {
        let mut row = item("MAIL", format!("MAIL#{}#{}", keys::time(mail.at), mail.id), mail)?;
        row.insert(
            "expires_at".to_owned(),
            n((mail.at + Duration::days(KEPT_DAYS)).timestamp()),
        );
        let put = self
            .db
            .put_item()
            .table_name(&self.tables.identity)
            .set_item(Some(row));
        put.send().await.map_err(StoreError::from_sdk)?;
        Ok(())
    }

    /// The newest mails, and where the next ones begin; by cursor only.
    ///
    /// # Errors
    /// When the store does not answer, or the cursor is not one of this list.
    pub async fn list_mail(&self, page: &PageQuery, now: Instant) -> Result<(Vec<Mail>, Option<String>)> {
        let start = match &page.cursor {
            Some(cursor) if !cursor.starts_with("MAIL#") => return Err(StoreError::Cursor),
            Some(cursor) => Some(key("MAIL", cursor.clone())),
            None => None,
        };
        let query = self
            .db
            .query()
            .table_name(&self.tables.identity)
            .key_condition_expression("PK = :mail")
            .filter_expression("expires_at > :now")
            .expression_attribute_values(":mail", s("MAIL"))
            .expression_attribute_values(":now", n(now.timestamp()))
            .scan_index_forward(false)
            .limit(i32::try_from(page.limit).unwrap_or(100))
            .set_exclusive_start_key(start);
        let got = query.send().await.map_err(StoreError::from_sdk)?;
        let next = got
            .last_evaluated_key
            .as_ref()
            .and_then(|last| text(last, "SK"))
            .map(str::to_owned);
        let mails = got
            .items
            .unwrap_or_default()
            .into_iter()
            .map(read)
            .collect::<Result<Vec<Mail>>>()?;
        Ok((mails, next))
    }
}
