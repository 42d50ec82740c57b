//! From names to addresses that were checked.

use std::{
    io,
    net::{IpAddr, SocketAddr},
    sync::Arc,
};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use crate::address::is_public;

/// Who knows the addresses of a name.
#[async_trait::async_trait]
pub trait Lookup: Send + Sync {
    /// All of them.
    ///
    /// # Errors
    /// When there is none, or nobody answers.
    async fn lookup(&self, name: &str) -> io::Result<Vec<IpAddr>>;
}

/// The machine's own resolver.
pub(crate) struct System;

#[async_trait::async_trait]
impl Lookup for System {
    async fn lookup(&self, name: &str) -> io::Result<Vec<IpAddr>> {
        let found = tokio::net::lookup_host((name, 0)).await?;
        Ok(found.map(|address| address.ip()).collect())
    }
}

/// A name leads to where no request may go.
#[derive(Debug, thiserror::Error)]
#[error("the name leads to a private address")]
pub(crate) struct LeadsInside;

/// A name has no address now.
#[derive(Debug, thiserror::Error)]
#[error("the name does not resolve")]
pub(crate) struct Unknown;

/// The connector's resolver: it is given only what was checked, so what is checked is what is connected to.
pub(crate) struct Checked {
    pub(crate) lookup: Arc<dyn Lookup>,
    pub(crate) allow_private: bool,
}

impl Resolve for Checked {
    fn resolve(&self, name: Name) -> Resolving {
        let (lookup, allow_private) = (Arc::clone(&self.lookup), self.allow_private);
        Box::pin(async move {
            let found = lookup.lookup(name.as_str()).await.map_err(|_| Unknown)?;
            // One inside among several is enough: whoever answers so means no good.
            if !allow_private && !found.iter().copied().all(is_public) {
                return Err(LeadsInside.into());
            }
            if found.is_empty() {
                return Err(Unknown.into());
            }
            let addresses = found.into_iter().map(|ip| SocketAddr::new(ip, 0));
            Ok(Box::new(addresses) as Addrs)
        })
    }
}
