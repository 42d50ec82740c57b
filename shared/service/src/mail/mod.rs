//! What the platform writes to people.
//!
//! A mail is a row first; then a message on the queue has it sent, apart from the request that wrote it. A message that is
//! lost is sent again by the clock, which looks for mails that wait.

mod deliver;

pub use deliver::{Post, Unsent, deliver, sweep};

use trunkline_auth::Principal;
use trunkline_domain::{Error, Role, page::PageQuery};
use trunkline_queue::MailJob;
pub use trunkline_store::identity::{Mail, MailStatus};

use crate::Ctx;

/// The newest mails and where the next ones begin: for the admin alone, since they hold tokens.
///
/// # Errors
/// [`Error::Forbidden`] for anyone else.
pub async fn mailbox(
    ctx: &Ctx,
    by: &Principal,
    page: &PageQuery,
) -> Result<(Vec<Mail>, Option<String>), Error> {
    by.require(Role::Admin)?;
    Ok(ctx.store.list_mail(page, ctx.now()).await?)
}

/// A mail that is to be sent.
pub(crate) fn letter(ctx: &Ctx, to: &str, subject: &str, body: String) -> Mail {
    Mail {
        id: ctx.ids.uuid(),
        to: to.to_owned(),
        subject: subject.to_owned(),
        body,
        at: ctx.now(),
        status: MailStatus::Waiting,
        tries: 0,
        reason: None,
        next_at: None,
    }
}

/// Keeps a mail, and has it sent.
///
/// # Errors
/// When the store does not answer: then there is no mail.
pub(crate) async fn send(ctx: &Ctx, mail: &Mail) -> Result<(), Error> {
    ctx.store.put_mail(mail).await?;
    wake(ctx, mail, 0).await;
    Ok(())
}

/// Does as much as [`send`], and sends nothing.
///
/// # Errors
/// As there.
pub(crate) async fn send_nothing(ctx: &Ctx, mail: &Mail) -> Result<(), Error> {
    ctx.store.put_no_mail(mail).await?;
    wake(ctx, mail, 0).await;
    Ok(())
}

/// Whether a message is under way; if none is, the clock sends another.
async fn wake(ctx: &Ctx, mail: &Mail, delay_s: u16) -> bool {
    let job = MailJob::Send {
        at: mail.at,
        id: mail.id,
    };
    match ctx.queues.mail(&job, delay_s).await {
        Ok(()) => true,
        Err(error) => {
            tracing::warn!(mail.id = %mail.id, "a mail waits for the clock: {error}");
            false
        }
    }
}
