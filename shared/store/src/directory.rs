//! Voice agents: a small collection of each tenant, read whole, names unique in any case.

use aws_sdk_dynamodb::types::{Delete, Put, TransactWriteItem};
use trunkline_domain::{TenantId, VoiceAgent, VoiceAgentId};

use crate::{
    Result, Store, StoreError,
    campaigns::built,
    item::{item, key, nu, read, s},
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
        let writes = vec![put(row)?, self.take_name(agent)?];
        outcome(self.transact(writes, None).await, 1)
    }

    /// A voice agent of this tenant, read consistently.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn voice_agent(&self, tenant: TenantId, id: VoiceAgentId) -> Result<Option<VoiceAgent>> {
        let get = self
            .db
            .get_item()
            .table_name(&self.tables.directory)
            .consistent_read(true);
        let get = get.set_key(Some(key(keys::tenant(tenant), keys::voice_agent(id))));
        let got = get.send().await.map_err(StoreError::from_sdk)?;
        got.item.map(read).transpose()
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
        let mut writes = vec![put(row)?];
        if keys::voice_agent_name(&old.name) != keys::voice_agent_name(&new.name) {
            writes.push(self.take_name(new)?);
            writes.push(self.give_name_back(old)?);
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
            self.transact(vec![row, self.give_name_back(agent)?], None).await,
            usize::MAX,
        )
    }

    fn voice_agent_put(&self, agent: &VoiceAgent) -> Result<aws_sdk_dynamodb::types::builders::PutBuilder> {
        let row = item(keys::tenant(agent.tenant), keys::voice_agent(agent.id), agent)?;
        Ok(Put::builder()
            .table_name(&self.tables.directory)
            .set_item(Some(row)))
    }

    fn take_name(&self, agent: &VoiceAgent) -> Result<TransactWriteItem> {
        let mut row = key(keys::tenant(agent.tenant), keys::voice_agent_name(&agent.name));
        row.insert("held_by".to_owned(), s(agent.id.to_string()));
        let guard = Put::builder()
            .table_name(&self.tables.directory)
            .set_item(Some(row));
        put(guard.condition_expression("attribute_not_exists(PK)"))
    }

    fn give_name_back(&self, agent: &VoiceAgent) -> Result<TransactWriteItem> {
        let guard = Delete::builder()
            .table_name(&self.tables.directory)
            .set_key(Some(key(
                keys::tenant(agent.tenant),
                keys::voice_agent_name(&agent.name),
            )))
            .condition_expression("held_by = :mine")
            .expression_attribute_values(":mine", s(agent.id.to_string()));
        Ok(TransactWriteItem::builder()
            .delete(guard.build().map_err(built)?)
            .build())
    }
}

fn put(put: aws_sdk_dynamodb::types::builders::PutBuilder) -> Result<TransactWriteItem> {
    Ok(TransactWriteItem::builder()
        .put(put.build().map_err(built)?)
        .build())
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
