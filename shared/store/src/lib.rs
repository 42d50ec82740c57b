//! DynamoDB and S3: one file an aggregate, one method an access pattern.
//!
//! Keys are built in [`keys`] alone. Every method that reads a tenant's record takes the tenant,
//! so a look-up cannot forget it. Nothing scans. Attribute names: `PK`, `SK`; an index `name` has
//! `name_pk`, `name_sk`; `f` is the filter string that indexes carry; `expires_at` is the TTL, compared on read.
#![cfg_attr(
    test,
    allow(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        reason = "a test may stop at the first surprise"
    )
)]

pub mod blobs;
pub mod bridges;
pub mod call_reads;
pub mod campaigns;
pub mod counters;
mod data_key;
pub mod deliveries;
pub mod desks;
pub mod dialing;
pub mod directory;
#[cfg(test)]
mod directory_tests;
pub mod ephemeral;
pub mod error;
pub mod exports;
mod guards;
pub mod identity;
pub mod imports;
pub mod integrations;
mod item;
pub mod keys;
pub mod lead_removal;
pub mod leads;
pub mod live;
pub mod operators;
pub mod phrases;
mod position;
pub mod prices;
pub mod rows;
pub mod subscriptions;
#[cfg(test)]
mod testing;
mod transact;
pub mod voicemail;

use aws_sdk_dynamodb::Client;

pub use blobs::Blobs;
pub use call_reads::{AfterCall, CallFilter, CallOrder, CallText};
pub use counters::{Period, Scope, Sums};
pub use dialing::{checks::ToCheck, dnc::DncEntry, slot::Slot};
pub use directory::NotWritten;
pub use error::{Result, StoreError};
pub use leads::Inserted;

/// The tables' names in this deployment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tables {
    /// Tenants, users, sessions, audit.
    pub identity: String,
    /// Voice agents, operators and other small collections of a tenant.
    pub directory: String,
    /// Campaigns, leads, slots, numbers.
    pub dialing: String,
    /// Calls, their lines, counters.
    pub calls: String,
    /// Rate limits, idempotency keys, tokens, presence.
    pub ephemeral: String,
}

impl Tables {
    /// The names that `template.yaml` gives with this stack prefix.
    #[must_use]
    pub fn with_prefix(prefix: &str) -> Self {
        let name = |table: &str| format!("{prefix}-{table}");
        Self {
            identity: name("identity"),
            directory: name("directory"),
            dialing: name("dialing"),
            calls: name("calls"),
            ephemeral: name("ephemeral"),
        }
    }
}

/// The tables, behind the AWS SDK.
#[derive(Debug, Clone)]
pub struct Store {
    db: Client,
    tables: std::sync::Arc<Tables>,
}

impl Store {
    /// Over a client; opens nothing.
    #[must_use]
    pub fn new(db: Client, tables: Tables) -> Self {
        Self {
            db,
            tables: std::sync::Arc::new(tables),
        }
    }

    /// Asks each table for its state: what readiness wants to know.
    ///
    /// # Errors
    /// The first table that is missing or does not answer.
    pub async fn ping(&self) -> Result<()> {
        let tables = &self.tables;
        for table in [
            &tables.identity,
            &tables.directory,
            &tables.dialing,
            &tables.calls,
            &tables.ephemeral,
        ] {
            self.db
                .describe_table()
                .table_name(table)
                .send()
                .await
                .map_err(StoreError::from_sdk)?;
        }
        Ok(())
    }
}
