//! Voice agents: a small collection of each tenant, read whole, names unique in any case.

use aws_sdk_dynamodb::types::{Delete, Put, TransactWriteItem};
use trunkline_domain::{TenantId, VoiceAgent, VoiceAgentId};

use crate::{
    Result, Store, StoreError,
    campaigns::built,
    guards::put_item,
    item::{item, key, nu, read},
    keys,
};

/// Why a voice agent was not written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotWritten {
    /// Another agent of the tenant has this name.
    NameTaken,
    /// It was changed or deleted meanwhile; or, for a new one, the id is taken.
    Changed,
}

impl Store {
    /// Makes a voice agent, and takes its name.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn create_voice_agent(
        &self,
        agent: &VoiceAgent,
    ) -> Result<std::result::Result<(), NotWritten>> {
        let row = self
            .voice_agent_put(agent)?
            .condition_expression("attribute_not_exists(PK)");
        let writes = vec![
            put_item(row)?,
            self.take_guard(agent.tenant, keys::voice_agent_name(&agent.name), agent.id)?,
        ];
        outcome(self.transact(writes, None).await, 1)
    }

    /// A voice agent of this tenant, read consistently.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn voice_agent(&self, tenant: TenantId, id: VoiceAgentId) -> Result<Option<VoiceAgent>> {
        let row = self.directory_row(tenant, keys::voice_agent(id)).await?;
        row.map(read).transpose()
    }

    /// All voice agents of a tenant, in no order; a tenant has at most 5,000.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn list_voice_agents_by_tenant(&self, tenant: TenantId) -> Result<Vec<VoiceAgent>> {
        let rows = self
            .directory_rows(&self.tables.directory, &keys::tenant(tenant), "AGENT#")
            .await?;
        rows.into_iter().map(read).collect()
    }

    /// Writes a voice agent over the version before its own; a new name is taken and the old one
    /// given back in the same transaction.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn update_voice_agent(
        &self,
        old: &VoiceAgent,
        new: &VoiceAgent,
    ) -> Result<std::result::Result<(), NotWritten>> {
        let row = self
            .voice_agent_put(new)?
            .condition_expression("version = :old")
            .expression_attribute_values(":old", nu(old.version));
        let mut writes = vec![put_item(row)?];
        if keys::voice_agent_name(&old.name) != keys::voice_agent_name(&new.name) {
            writes.push(self.take_guard(new.tenant, keys::voice_agent_name(&new.name), new.id)?);
            writes.push(self.give_guard_back(old.tenant, keys::voice_agent_name(&old.name), old.id)?);
        }
        outcome(self.transact(writes, None).await, 1)
    }

    /// Deletes a voice agent and frees its name.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn delete_voice_agent(
        &self,
        agent: &VoiceAgent,
    ) -> Result<std::result::Result<(), NotWritten>> {
        let row = Delete::builder()
            .table_name(&self.tables.directory)
            .set_key(Some(key(keys::tenant(agent.tenant), keys::voice_agent(agent.id))))
            .condition_expression("version = :old")
            .expression_attribute_values(":old", nu(agent.version));
        let row = TransactWriteItem::builder()
            .delete(row.build().map_err(built)?)
            .build();
        outcome(
            self.transact(
                vec![
                    row,
                    self.give_guard_back(agent.tenant, keys::voice_agent_name(&agent.name), agent.id)?,
                ],
                None,
            )
            .await,
            usize::MAX,
        )
    }

    fn voice_agent_put(&self, agent: &VoiceAgent) -> Result<aws_sdk_dynamodb::types::builders::PutBuilder> {
        let row = item(keys::tenant(agent.tenant), keys::voice_agent(agent.id), agent)?;
        Ok(Put::builder()
            .table_name(&self.tables.directory)
            .set_item(Some(row)))
    }
}

/// A refused transaction, read by the position of the name's guard.
fn outcome(result: Result<()>, name_at: usize) -> Result<std::result::Result<(), NotWritten>> {
    match result {
        Ok(()) => Ok(Ok(())),
        Err(StoreError::Condition(at)) if at == [name_at] => Ok(Err(NotWritten::NameTaken)),
        Err(StoreError::Condition(_)) => Ok(Err(NotWritten::Changed)),
        Err(error) => Err(error),
    }
}
