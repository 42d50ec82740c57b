//! Desks: which instances hold their sockets, and what they were told in the last hour.

mod feed;
#[cfg(test)]
mod tests;

use trunkline_domain::Instant;

use crate::{
    Result, Store, StoreError,
    item::{Item, key, ms, n, number, s, text},
    keys,
};

pub use feed::Fed;

/// An instance that holds desks' sockets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeskServer {
    /// Its name among its peers.
    pub instance: String,
    /// Where its peers reach it: `http://address:port`.
    pub url: String,
}

impl Store {
    /// An instance says where it is reached, until then.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn publish_desk_server(&self, server: &DeskServer, until: Instant) -> Result<()> {
        let put = self
            .db
            .put_item()
            .table_name(&self.tables.ephemeral)
            .set_item(Some(key(keys::DESKS, &server.instance)))
            .item("url", s(&server.url))
            .item("until_ms", ms(until))
            .item("expires_at", n(until.timestamp() + 60));
        put.send().await.map_err(StoreError::from_sdk)?;
        Ok(())
    }

    /// An instance holds no sockets any more.
    ///
    /// # Errors
    /// When the store does not answer: then it ends by itself.
    pub async fn remove_desk_server(&self, instance: &str) -> Result<()> {
        let delete = self
            .db
            .delete_item()
            .table_name(&self.tables.ephemeral)
            .set_key(Some(key(keys::DESKS, instance)));
        delete.send().await.map_err(StoreError::from_sdk)?;
        Ok(())
    }

    /// The instances that are there.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn desk_servers(&self, now: Instant) -> Result<Vec<DeskServer>> {
        let rows = self
            .directory_rows(&self.tables.ephemeral, keys::DESKS, "")
            .await?;
        let server = |row: &Item| {
            (number(row, "until_ms") > now.timestamp_millis()).then_some(())?;
            Some(DeskServer {
                instance: text(row, "SK")?.to_owned(),
                url: text(row, "url")?.to_owned(),
            })
        };
        Ok(rows.iter().filter_map(server).collect())
    }
}
