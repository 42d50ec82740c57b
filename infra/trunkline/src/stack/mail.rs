//! The mail server, where one is set.

use std::sync::Arc;

use job_mail::Smtp;
use trunkline_runtime::Config;
use trunkline_service::mail::Post;

use super::StartError;

/// Who hands mails on; none: they stay in the mailbox that the admin reads.
pub(super) fn post(config: &Config) -> Result<Option<Arc<dyn Post>>, StartError> {
    let smtp = config.smtp.as_ref().map(Smtp::new).transpose()?;
    Ok(smtp.map(|smtp| Arc::new(smtp) as Arc<dyn Post>))
}
