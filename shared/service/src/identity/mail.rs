//! What the platform writes to people. Without a mail server it waits in a mailbox that the admin reads.

use trunkline_auth::Principal;
use trunkline_domain::{Error, Role, page::PageQuery};
use trunkline_store::identity::Mail;

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

pub(super) fn letter(ctx: &Ctx, to: &str, subject: &str, body: String) -> Mail {
    Mail {
        id: ctx.ids.uuid(),
        to: to.to_owned(),
        subject: subject.to_owned(),
        body,
        at: ctx.now(),
    }
}

pub(super) async fn send(ctx: &Ctx, mail: Mail) -> Result<(), Error> {
    tracing::info!(mail.id = %mail.id, mail.subject = %mail.subject, "a mail is in the mailbox: GET /auth/mailbox");
    Ok(ctx.store.put_mail(&mail).await?)
}
