//! What the platform writes to people: a row a mail, from which it is sent, or read by the admin when there is no mail server.

use chrono::Duration;
use serde::{Deserialize, Serialize};
use trunkline_domain::{Instant, page::PageQuery};
use uuid::Uuid;

use super::accounts::rfc3339;
use crate::{
    Result, Store, StoreError,
    item::{item, key, n, read, s, text},
    keys,
};

/// How long a mail is kept.
const KEPT_DAYS: i64 = 30;

/// How far a mail has come.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MailStatus {
    /// To be sent.
    Waiting,
    /// There is no mail server: the admin hands it on.
    #[default]
    Kept,
    /// The mail server has it.
    Sent,
    /// Given up on.
    Failed,
}

impl MailStatus {
    /// As it is shown and stored.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Kept => "kept",
            Self::Sent => "sent",
            Self::Failed => "failed",
        }
    }
}

/// A mail.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mail {
    /// Its id.
    pub id: Uuid,
    /// To whom.
    pub to: String,
    /// What about.
    pub subject: String,
    /// Plain text. It may hold a token, so it is emptied once it is sent.
    pub body: String,
    /// When it was written.
    pub at: Instant,
    /// How far it has come.
    #[serde(default, rename = "mail_status")]
    pub status: MailStatus,
    /// How often it was tried to be sent.
    #[serde(default)]
    pub tries: u32,
    /// Why the last try failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// When it is tried next, while it waits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_at: Option<Instant>,
}

impl std::fmt::Debug for Mail {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Mail")
            .field("id", &self.id)
            .field("subject", &self.subject)
            .field("status", &self.status)
            .finish_non_exhaustive()
    }
}

impl Store {
    /// Keeps a new mail.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn put_mail(&self, mail: &Mail) -> Result<()> {
        self.put_mail_row(MAIL, sort_key(mail), mail).await
    }

    /// Writes as much as [`Self::put_mail`] does, and keeps nothing: so that the time does not tell whether there was a mail.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn put_no_mail(&self, mail: &Mail) -> Result<()> {
        self.put_mail_row("NOMAIL", "NOMAIL".to_owned(), mail).await
    }

    async fn put_mail_row(&self, pk: &str, sk: String, mail: &Mail) -> Result<()> {
        let mut row = item(pk, sk, mail)?;
        let end = mail.at + Duration::days(KEPT_DAYS);
        row.insert("expires_at".to_owned(), n(end.timestamp()));
        let put = self
            .db
            .put_item()
            .table_name(&self.tables.identity)
            .set_item(Some(row));
        put.send().await.map_err(StoreError::from_sdk)?;
        Ok(())
    }

    /// A mail, by when it was written and its id.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn mail(&self, at: Instant, id: Uuid) -> Result<Option<Mail>> {
        let sk = format!("MAIL#{}#{id}", keys::time(at));
        self.identity_item(MAIL.to_owned(), &sk)
            .await?
            .map(read)
            .transpose()
    }

    /// Notes how far a mail has come since `old`.
    ///
    /// # Errors
    /// [`StoreError::Condition`] when somebody else noted something meanwhile.
    pub async fn update_mail(&self, old: &Mail, new: &Mail) -> Result<()> {
        let mut set = "SET mail_status = :status, tries = :tries, body = :body".to_owned();
        let mut update = self.db.update_item().table_name(&self.tables.identity);
        update = update
            .set_key(Some(key(MAIL, sort_key(old))))
            .condition_expression("mail_status = :old AND tries = :before")
            .expression_attribute_values(":status", s(new.status.as_str()))
            .expression_attribute_values(":tries", n(new.tries))
            .expression_attribute_values(":body", s(&new.body))
            .expression_attribute_values(":old", s(old.status.as_str()))
            .expression_attribute_values(":before", n(old.tries));
        let mut remove = Vec::new();
        match &new.reason {
            Some(reason) => {
                set.push_str(", reason = :reason");
                update = update.expression_attribute_values(":reason", s(reason));
            }
            None => remove.push("reason"),
        }
        match new.next_at {
            Some(at) => {
                set.push_str(", next_at = :next");
                update = update.expression_attribute_values(":next", s(rfc3339(at)));
            }
            None => remove.push("next_at"),
        }
        if !remove.is_empty() {
            set.push_str(" REMOVE ");
            set.push_str(&remove.join(", "));
        }
        update
            .update_expression(set)
            .send()
            .await
            .map_err(StoreError::from_sdk)?;
        Ok(())
    }

    /// Mails that wait and were written since an instant, oldest first, at most `most`.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn waiting_mail(&self, since: Instant, most: usize) -> Result<Vec<Mail>> {
        let query = self.db.query().table_name(&self.tables.identity);
        let mut rows = query
            .key_condition_expression("PK = :mail AND SK > :since")
            .filter_expression("mail_status = :waiting")
            .expression_attribute_values(":mail", s(MAIL))
            .expression_attribute_values(":since", s(format!("MAIL#{}", keys::time(since))))
            .expression_attribute_values(":waiting", s(MailStatus::Waiting.as_str()))
            .into_paginator()
            .items()
            .send();
        let mut mails = Vec::new();
        while let Some(row) = rows.next().await {
            mails.push(read(row.map_err(StoreError::from_sdk)?)?);
            if mails.len() >= most {
                break;
            }
        }
        Ok(mails)
    }

    /// The newest mails, and where the next ones begin; by cursor only.
    ///
    /// # Errors
    /// When the store does not answer, or the cursor is not one of this list.
    pub async fn list_mail(&self, page: &PageQuery, now: Instant) -> Result<(Vec<Mail>, Option<String>)> {
        let start = match &page.cursor {
            Some(cursor) if !cursor.starts_with("MAIL~") => return Err(StoreError::Cursor),
            // As it is shown it needs no encoding in a URL.
            Some(cursor) => Some(key(MAIL, cursor.replace('~', "#"))),
            None => None,
        };
        let query = self
            .db
            .query()
            .table_name(&self.tables.identity)
            .key_condition_expression("PK = :mail")
            .filter_expression("expires_at > :now")
            .expression_attribute_values(":mail", s(MAIL))
            .expression_attribute_values(":now", n(now.timestamp()))
            .scan_index_forward(false)
            .limit(i32::try_from(page.limit).unwrap_or(100))
            .set_exclusive_start_key(start);
        let got = query.send().await.map_err(StoreError::from_sdk)?;
        let next = got
            .last_evaluated_key
            .as_ref()
            .and_then(|last| text(last, "SK"))
            .map(|last| last.replace('#', "~"));
        let mails = got
            .items
            .unwrap_or_default()
            .into_iter()
            .map(read)
            .collect::<Result<Vec<Mail>>>()?;
        Ok((mails, next))
    }
}

/// The mails' partition.
const MAIL: &str = "MAIL";

fn sort_key(mail: &Mail) -> String {
    format!("MAIL#{}#{}", keys::time(mail.at), mail.id)
}
