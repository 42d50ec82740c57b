//! Starting and stopping the simulator.

use std::{future::IntoFuture, net::SocketAddr, path::PathBuf, sync::Arc, time::Duration};

use tokio::{net::TcpListener, task::JoinHandle, time::Instant};
use tokio_util::{
    sync::{CancellationToken, DropGuard},
    task::TaskTracker,
};

use crate::{
    control,
    faults::Faults,
    hooks::Hooks,
    ledger::{Ledger, LedgerError},
    live::Live,
    manners::Manners,
    options::SimOptions,
    rest,
    room::Rooms,
    server::{Cut, Cuttable},
    switch::{Sounds, Switch},
    tape::Recorder,
    voice::VoiceCache,
};

/// Calls have so long to end when the simulator stops.
const STOP_MAX: Duration = Duration::from_secs(5);

/// Why a simulator does not start.
#[derive(Debug, thiserror::Error)]
pub enum SimError {
    /// The address is taken, or not of this machine.
    #[error("the simulated carrier cannot listen on {addr}: {error}; choose another with TRUNKLINE_SIM_ADDR")]
    Listen {
        /// The address asked for.
        addr: SocketAddr,
        /// What the system says.
        error: std::io::Error,
    },
    /// The data folder cannot be made or written.
    #[error("the simulated carrier cannot use its data folder {path}: {error}")]
    Folder {
        /// The folder.
        path: PathBuf,
        /// What the system says.
        error: std::io::Error,
    },
    /// Another simulator has the file of calls open.
    #[error("{0}")]
    InUse(String),
    /// The file of calls cannot be used.
    #[error("{0}")]
    Ledger(String),
    /// The account SID is not one.
    #[error("the account SID {0:?} is none: it must be AC and 32 hexadecimal digits")]
    AccountSid(String),
    /// No HTTP client for webhooks can be made.
    #[error("the simulated carrier cannot send webhooks: {0}")]
    Client(#[from] reqwest::Error),
}

impl From<LedgerError> for SimError {
    fn from(error: LedgerError) -> Self {
        let said = error.to_string();
        match error {
            LedgerError::InUse(_) => Self::InUse(said),
            LedgerError::Unusable { .. } | LedgerError::Failed(_) | LedgerError::Closed => Self::Ledger(said),
        }
    }
}

impl SimError {
    /// Whether somebody else has the address or the file of calls: a process that was killed just now still has them for a moment.
    #[must_use]
    pub fn is_taken(&self) -> bool {
        match self {
            Self::Listen { error, .. } => error.kind() == std::io::ErrorKind::AddrInUse,
            Self::InUse(_) => true,
            Self::Folder { .. } | Self::Ledger(_) | Self::AccountSid(_) | Self::Client(_) => false,
        }
    }
}

/// A running simulator. Dropping it stops it without waiting; [`Sim::shutdown`] is better.
pub struct Sim {
    switch: Arc<Switch>,
    server: JoinHandle<()>,
    stop: DropGuard,
}

impl Sim {
    /// Starts listening. When this returns, requests are served, and what an earlier process left unfinished has ended.
    ///
    /// # Errors
    /// [`SimError`] says which option is at fault.
    pub async fn start(options: SimOptions) -> Result<Self, SimError> {
        if !is_account_sid(&options.account_sid) {
            return Err(SimError::AccountSid(options.account_sid));
        }
        let recordings = options.data_dir.join("recordings");
        let folder = |error| SimError::Folder {
            path: options.data_dir.clone(),
            error,
        };
        tokio::fs::create_dir_all(&recordings).await.map_err(folder)?;
        let recorder = Recorder::start(&recordings).map_err(folder)?;
        let ledger = Ledger::open(&options.data_dir).await?;
        let unusable = |error| SimError::Listen {
            addr: options.addr,
            error,
        };
        let listener = TcpListener::bind(options.addr).await.map_err(unusable)?;
        let url = format!("http://{}", listener.local_addr().map_err(unusable)?);
        let (stop, tasks) = (CancellationToken::new(), TaskTracker::new());
        let faults = Arc::new(Faults::default());
        let hooks = Hooks::new(
            &options.account_sid,
            &options.auth_token,
            Arc::clone(&faults),
            tasks.clone(),
            stop.clone(),
        )?;
        let switch = Arc::new(Switch {
            voice: Arc::new(VoiceCache::new(Arc::clone(&options.voice))),
            options,
            ledger,
            hooks: Arc::new(hooks),
            faults,
            manners: Manners::default(),
            recorder,
            rooms: Rooms::default(),
            live: Live::default(),
            tasks,
            stop: stop.clone(),
            url,
            epoch: Instant::now(),
            sounds: Sounds::new(),
        });
        let app = rest::router(Arc::clone(&switch)).merge(control::router(Arc::clone(&switch)));
        let serving = axum::serve(
            Cuttable(listener),
            app.into_make_service_with_connect_info::<Cut>(),
        )
        .with_graceful_shutdown(stop.clone().cancelled_owned())
        .into_future();
        let server = tokio::spawn(async move {
            if let Err(error) = serving.await {
                tracing::error!(%error, "the simulated carrier stopped serving");
            }
        });
        Ok(Self {
            switch,
            server,
            stop: stop.drop_guard(),
        })
    }

    /// Where it listens, without a slash at the end: `http://127.0.0.1:8001`. The base URL for the carrier's SDKs.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.switch.url
    }

    /// Stops: calls end without callbacks (as when a carrier fails), and the ledger is closed.
    pub async fn shutdown(self) {
        let Self {
            switch,
            mut server,
            stop,
        } = self;
        switch.tasks.close();
        drop(stop);
        if tokio::time::timeout(STOP_MAX, switch.tasks.wait()).await.is_err() {
            tracing::warn!(
                "calls of the simulated carrier did not end in {STOP_MAX:?}; the next start ends them"
            );
        }
        if tokio::time::timeout(Duration::from_secs(1), &mut server)
            .await
            .is_err()
        {
            // Somebody keeps a connection open; it is of no use any more.
            server.abort();
        }
        switch.ledger.close().await;
    }
}

impl std::fmt::Debug for Sim {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sim")
            .field("url", &self.url())
            .finish_non_exhaustive()
    }
}

fn is_account_sid(text: &str) -> bool {
    text.strip_prefix("AC")
        .is_some_and(|hex| hex.len() == 32 && hex.bytes().all(|b| b.is_ascii_hexdigit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_well_known_account_has_a_sid_of_the_right_form() {
        assert!(is_account_sid(SimOptions::ACCOUNT_SID));
        assert!(!is_account_sid("AC1") && !is_account_sid(&SimOptions::ACCOUNT_SID.replace("AC", "SK")));
    }
}
