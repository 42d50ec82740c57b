//! Invitations: who may join a tenant, by which address and as what; spent by the registration's own transaction.

use serde::{Deserialize, Serialize};
use trunkline_domain::{Instant, Role, TenantId, UserId};
use uuid::Uuid;

use super::accounts::rfc3339;
use crate::{
    Result, Store, StoreError,
    campaigns::built,
    item::{item, key, ms, n, read, s},
    keys,
};
use aws_sdk_dynamodb::types::{Delete, Put, TransactWriteItem, Update};

/// An invitation, as it is stored: under its token's fingerprint, without the token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Invitation {
    /// Its id.
    pub id: Uuid,
    /// The tenant to join.
    pub tenant: TenantId,
    /// Who may join: lower-case.
    pub email: String,
    /// As what.
    pub role: Role,
    /// Who invited.
    pub invited_by: UserId,
    /// When it ends.
    pub expires: Instant,
}

impl Store {
    /// Keeps an invitation.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn put_invitation(&self, fingerprint: &str, invitation: &Invitation) -> Result<()> {
        let mut row = item(keys::invitation(fingerprint), "INV", invitation)?;
        row.insert("until_ms".to_owned(), ms(invitation.expires));
        row.insert("expires_at".to_owned(), n(invitation.expires.timestamp()));
        let put = self
            .db
            .put_item()
            .table_name(&self.tables.identity)
            .set_item(Some(row));
        put.send().await.map_err(StoreError::from_sdk)?;
        Ok(())
    }

    /// The invitation with this fingerprint, unless it is over.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn invitation(&self, fingerprint: &str, now: Instant) -> Result<Option<Invitation>> {
        let row = self.identity_item(keys::invitation(fingerprint), "INV").await?;
        let found: Option<Invitation> = row.map(read).transpose()?;
        Ok(found.filter(|invitation| invitation.expires > now))
    }

    /// Moves a user to the tenant that invited them, spends the invitation and ends their tokens: all or nothing.
    ///
    /// # Errors
    /// [`StoreError::Condition`] when the invitation is spent or over, or the user is no longer in `from`.
    pub async fn move_user(
        &self,
        user: UserId,
        from: TenantId,
        fingerprint: &str,
        invitation: &Invitation,
        now: Instant,
    ) -> Result<()> {
        let table = &self.tables.identity;
        let spend = Delete::builder()
            .table_name(table)
            .set_key(Some(key(keys::invitation(fingerprint), "INV")))
            .condition_expression("until_ms > :now")
            .expression_attribute_values(":now", ms(now));
        let change = Update::builder()
            .table_name(table)
            .set_key(Some(key(keys::user(user), "USER")))
            .update_expression("SET #tenant = :to, #role = :role, updated_at = :now ADD token_epoch :one")
            .condition_expression("#tenant = :from")
            .expression_attribute_names("#tenant", "tenant")
            .expression_attribute_names("#role", "role")
            .expression_attribute_values(":to", s(invitation.tenant.to_string()))
            .expression_attribute_values(":from", s(from.to_string()))
            .expression_attribute_values(":role", s(invitation.role.as_str()))
            .expression_attribute_values(":now", s(rfc3339(now)))
            .expression_attribute_values(":one", n(1));
        let leave = Delete::builder()
            .table_name(table)
            .set_key(Some(key(keys::tenant(from), keys::tenant_user(user))));
        let mut place = key(keys::tenant(invitation.tenant), keys::tenant_user(user));
        place.insert("user".to_owned(), s(user.to_string()));
        let mut writes = vec![
            TransactWriteItem::builder()
                .delete(spend.build().map_err(built)?)
                .build(),
            TransactWriteItem::builder()
                .update(change.build().map_err(built)?)
                .build(),
        ];
        // Into the tenant that one is in already there is no place to change.
        if from != invitation.tenant {
            let join = Put::builder().table_name(table).set_item(Some(place));
            writes.push(
                TransactWriteItem::builder()
                    .delete(leave.build().map_err(built)?)
                    .build(),
            );
            writes.push(
                TransactWriteItem::builder()
                    .put(join.build().map_err(built)?)
                    .build(),
            );
        }
        self.transact(writes, None).await
    }
}
