//! Logins. One row a login, whatever number of tokens came from it: ending the row ends them all.

use std::collections::{BTreeSet, HashMap};

use aws_sdk_dynamodb::types::KeysAndAttributes;
use chrono::Duration;
use serde::{Deserialize, Serialize};
use trunkline_domain::{Instant, SessionId, TenantId, User, UserId};
use uuid::Uuid;

use super::Maintenance;
use crate::{
    Result, Store, StoreError,
    item::{item, key, n, read, s, text},
    keys,
};

/// A login.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    /// Its id.
    pub id: SessionId,
    /// Whose.
    pub user: UserId,
    /// The user's tenant.
    pub tenant: TenantId,
    /// The refresh token that was used last, or the first one: it and its successor are good, all earlier ones are spent.
    pub current: Uuid,
    /// When the login was.
    pub created_at: Instant,
    /// Epoch seconds after which the row may go: no token of it is good any more.
    pub expires_at: i64,
}

/// What a request's token stands on.
#[derive(Debug, Clone, Default)]
pub struct Standing {
    /// The user, if there is one.
    pub user: Option<User>,
    /// The login, if it has not ended.
    pub session: Option<Session>,
    /// Maintenance, as it was set last.
    pub maintenance: Option<Maintenance>,
}

impl Store {
    /// Keeps a new login.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn create_session(&self, session: &Session) -> Result<()> {
        let row = item(keys::session(session.id), "S", session)?;
        let put = self
            .db
            .put_item()
            .table_name(&self.tables.identity)
            .set_item(Some(row));
        put.condition_expression("attribute_not_exists(PK)")
            .send()
            .await
            .map_err(StoreError::from_sdk)?;
        Ok(())
    }

    /// A user, a login and whether there is maintenance, in one consistent read: what every request asks.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn standing(&self, user: UserId, session: SessionId) -> Result<Standing> {
        let keys = KeysAndAttributes::builder()
            .consistent_read(true)
            .keys(key(keys::user(user), "USER"))
            .keys(key(keys::session(session), "S"))
            .keys(key(keys::PLATFORM, keys::MAINTENANCE))
            .build()
            .map_err(|e| StoreError::Refused(e.to_string()))?;
        let table = &self.tables.identity;
        let mut found = Standing::default();
        let mut ask = Some(keys);
        for _ in 0..4 {
            let Some(keys) = ask.take() else { break };
            let got = self
                .db
                .batch_get_item()
                .request_items(table, keys)
                .send()
                .await
                .map_err(StoreError::from_sdk)?;
            for row in got
                .responses
                .and_then(|mut rows| rows.remove(table))
                .unwrap_or_default()
            {
                match text(&row, "SK") {
                    Some("S") => found.session = Some(read(row)?),
                    Some(keys::MAINTENANCE) => found.maintenance = Some(read(row)?),
                    Some(_) | None => found.user = Some(read(row)?),
                }
            }
            ask = got.unprocessed_keys.and_then(|mut left| left.remove(table));
        }
        if ask.is_some() {
            Err(StoreError::Throttled)
        } else {
            Ok(found)
        }
    }

    /// The same of many at once, without maintenance, as consistently; who asks for one twice gets it twice.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn standings(&self, of: &[(UserId, SessionId)]) -> Result<Vec<Standing>> {
        let users: BTreeSet<UserId> = of.iter().map(|(user, _)| *user).collect();
        let logins: BTreeSet<SessionId> = of.iter().map(|(_, login)| *login).collect();
        let user_keys = users.into_iter().map(|id| key(keys::user(id), "USER"));
        let login_keys = logins.into_iter().map(|id| key(keys::session(id), "S"));
        let wanted = user_keys.chain(login_keys).collect();
        let mut users: HashMap<UserId, User> = HashMap::new();
        let mut logins: HashMap<SessionId, Session> = HashMap::new();
        for row in self.batch_get(&self.tables.identity, wanted).await? {
            if text(&row, "SK") == Some("S") {
                let login: Session = read(row)?;
                logins.insert(login.id, login);
            } else {
                let user: User = read(row)?;
                users.insert(user.id, user);
            }
        }
        let standing = |(user, login): &(UserId, SessionId)| Standing {
            user: users.get(user).cloned(),
            session: logins.get(login).cloned(),
            maintenance: None,
        };
        Ok(of.iter().map(standing).collect())
    }

    /// Makes `to` the login's current refresh token, if it is still `from`, or `to` already.
    ///
    /// # Errors
    /// [`StoreError::Condition`] when it is another by now, or the login has ended.
    pub async fn advance_session(
        &self,
        session: SessionId,
        from: Uuid,
        to: Uuid,
        expires: Instant,
    ) -> Result<()> {
        let update = self.db.update_item().table_name(&self.tables.identity);
        let update = update
            .set_key(Some(key(keys::session(session), "S")))
            .update_expression("SET #current = :to, expires_at = :expires")
            .condition_expression("#current = :from OR #current = :to")
            .expression_attribute_names("#current", "current")
            .expression_attribute_values(":from", s(from.to_string()))
            .expression_attribute_values(":to", s(to.to_string()))
            .expression_attribute_values(":expires", n(row_end(expires)));
        update.send().await.map_err(StoreError::from_sdk)?;
        Ok(())
    }

    /// Ends a login, with every token that came from it; one that has ended is no error.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn end_session(&self, session: SessionId) -> Result<()> {
        let delete = self.db.delete_item().table_name(&self.tables.identity);
        delete
            .set_key(Some(key(keys::session(session), "S")))
            .send()
            .await
            .map_err(StoreError::from_sdk)?;
        Ok(())
    }
}

impl Session {
    /// A new login whose refresh token lives until `expires`.
    #[must_use]
    pub fn new(id: SessionId, user: &User, current: Uuid, now: Instant, expires: Instant) -> Self {
        Self {
            id,
            user: user.id,
            tenant: user.tenant,
            current,
            created_at: now,
            expires_at: row_end(expires),
        }
    }
}

/// A day after the last token is over: rows are cleaned, never relied on to be gone.
fn row_end(expires: Instant) -> i64 {
    (expires + Duration::days(1)).timestamp()
}
