//! Why the embedded services could not start.

use std::io;
use std::path::PathBuf;

use crate::service::Service;

/// Why the embedded services could not start; each message says what would help.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// Another process holds the data folder.
    #[error(
        "the data folder {} is in use by another Trunkline{}; stop that one, or give this one a folder of its own \
         with TRUNKLINE_DATA_DIR",
        path.display(),
        holder.map(|pid| format!(" (process {pid})")).unwrap_or_default()
    )]
    Locked {
        /// The folder.
        path: PathBuf,
        /// The process that holds it, when it could be read.
        holder: Option<u32>,
    },

    /// The data folder cannot be created, made private or written.
    #[error(
        "the data folder {} cannot be written: {source}; make it writable for this user, or name another with \
         TRUNKLINE_DATA_DIR",
        path.display()
    )]
    NotWritable {
        /// The folder, or the file in it that was refused.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },

    /// The data folder is one that all users of the machine share, such as `/tmp`: it cannot be made private.
    #[error(
        "the data folder {} is shared by all users of this machine (its sticky bit is set), so it cannot be made \
         private; name a folder inside it with TRUNKLINE_DATA_DIR, for example {}",
        path.display(),
        path.join("trunkline").display()
    )]
    Shared {
        /// The folder.
        path: PathBuf,
    },

    /// No loopback port could be opened.
    #[error("the embedded {service} found no free port on 127.0.0.1: {source}")]
    Bind {
        /// Whose port it would have been.
        service: Service,
        /// What the operating system said.
        source: io::Error,
    },

    /// No thread or no runtime could be made.
    #[error("no thread could be started for the embedded {service}: {source}")]
    Thread {
        /// Whose thread it would have been.
        service: Service,
        /// What the operating system said.
        source: io::Error,
    },

    /// A service's files cannot be opened.
    #[error(
        "the embedded {service} cannot open {}: {reason}; if the file is damaged, move it away to start with an \
         empty one",
        path.display()
    )]
    Open {
        /// Whose files they are.
        service: Service,
        /// The file.
        path: PathBuf,
        /// What was wrong with it.
        reason: String,
    },

    /// A service ended before it was ready, without saying why: a defect of ours.
    #[error("the embedded {service} ended before it was ready; its log lines say more")]
    Died {
        /// The service.
        service: Service,
    },
}
