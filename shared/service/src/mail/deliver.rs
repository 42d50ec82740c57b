//! Sending: again and again for a day, then the admin finds the mail with the reason.

use chrono::TimeDelta;
use trunkline_domain::{Error, Instant};
use trunkline_store::identity::{Mail, MailStatus};
use uuid::Uuid;

use super::wake;
use crate::Ctx;

/// How long it is tried.
const TRIED: TimeDelta = TimeDelta::hours(24);
/// The first pause, in seconds; each next one is twice as long.
const FIRST_PAUSE_S: u16 = 15;
/// The longest pause, in seconds: as long as a queue holds a message back.
const LONGEST_PAUSE_S: u16 = 900;
/// How long after its time a mail without a message is looked for, in seconds.
const OVERDUE_S: i64 = 60;
/// Mails that one tick of the clock wakes.
const A_TICK: usize = 200;
/// The longest reason that is kept, in characters.
const REASON: usize = 500;

/// Why a mail was not sent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unsent {
    /// It may be sent later: no answer, no connection, a mail server that is busy or set up wrongly.
    #[error("{0}")]
    ForNow(String),
    /// The mail server will never take it.
    #[error("{0}")]
    ForEver(String),
}

/// Who hands mails on.
#[async_trait::async_trait]
pub trait Post: Send + Sync + std::fmt::Debug {
    /// Hands a mail to the mail server.
    ///
    /// # Errors
    /// [`Unsent`] says whether another try may help.
    async fn send(&self, mail: &Mail) -> Result<(), Unsent>;
}

/// Sends a mail that waits; without a mail server it is kept for the admin. Repetition is harmless but for a mail server that
/// took the mail and whose answer was lost: then it goes out twice, under the same message id.
///
/// # Errors
/// When the store or the queue does not answer: then the message is to come again.
pub async fn deliver(ctx: &Ctx, post: Option<&dyn Post>, at: Instant, id: Uuid) -> Result<(), Error> {
    let Some(mail) = ctx.store.mail(at, id).await? else {
        return Ok(());
    };
    if mail.status != MailStatus::Waiting || mail.next_at.is_some_and(|next| next > ctx.now()) {
        return Ok(());
    }
    let mut next = mail.clone();
    next.next_at = None;
    let Some(post) = post else {
        next.status = MailStatus::Kept;
        tracing::info!(mail.id = %id, mail.subject = %mail.subject, "there is no mail server: a mail is in the mailbox, GET /auth/mailbox");
        return note(ctx, &mail, &next).await;
    };
    next.tries += 1;
    let unsent = post.send(&mail).await;
    match unsent {
        Ok(()) => {
            next.status = MailStatus::Sent;
            next.reason = None;
            // It may hold a token, which is now its reader's alone.
            next.body = String::new();
            tracing::info!(mail.id = %id, mail.subject = %mail.subject, tries = next.tries, "a mail is sent");
            note(ctx, &mail, &next).await
        }
        Err(Unsent::ForNow(why)) if ctx.now() < mail.at + TRIED => {
            let pause_s = pause_s(next.tries);
            tracing::warn!(mail.id = %id, tries = next.tries, pause_s, "a mail could not be sent and is tried again: {why}");
            next.reason = Some(why.chars().take(REASON).collect());
            next.next_at = Some(ctx.now() + TimeDelta::seconds(i64::from(pause_s)));
            note(ctx, &mail, &next).await?;
            wake(ctx, &next, pause_s).await;
            Ok(())
        }
        Err(Unsent::ForNow(why) | Unsent::ForEver(why)) => {
            tracing::error!(mail.id = %id, tries = next.tries, "a mail is given up on; it is in the mailbox, GET /auth/mailbox: {why}");
            next.status = MailStatus::Failed;
            next.reason = Some(why.chars().take(REASON).collect());
            note(ctx, &mail, &next).await
        }
    }
}

/// The clock's part: mails whose message was lost. Answers how many were woken.
///
/// # Errors
/// When the store does not answer.
pub async fn sweep(ctx: &Ctx) -> Result<usize, Error> {
    let now = ctx.now();
    // A little longer than it is tried, so that the last try is not forgotten either.
    let waiting = ctx.store.waiting_mail(now - TRIED * 2, A_TICK).await?;
    let is_overdue = |mail: &Mail| now - mail.next_at.unwrap_or(mail.at) >= TimeDelta::seconds(OVERDUE_S);
    let mut woken = 0;
    for mail in waiting.iter().filter(|mail| is_overdue(mail)) {
        woken += usize::from(wake(ctx, mail, 0).await);
    }
    Ok(woken)
}

async fn note(ctx: &Ctx, old: &Mail, new: &Mail) -> Result<(), Error> {
    match ctx.store.update_mail(old, new).await {
        Ok(()) => Ok(()),
        // Another message of the same mail was faster.
        Err(error) if error.is_condition() => Ok(()),
        Err(error) => Err(error.into()),
    }
}

fn pause_s(tries: u32) -> u16 {
    let doubled = u64::from(FIRST_PAUSE_S) << tries.saturating_sub(1).min(16);
    u16::try_from(doubled).map_or(LONGEST_PAUSE_S, |pause| pause.min(LONGEST_PAUSE_S))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_what_a_queue_holds() {
        let pauses: Vec<u16> = (1..=8).map(pause_s).collect();
        assert_eq!(pauses, [15, 30, 60, 120, 240, 480, 900, 900]);
        assert_eq!(pause_s(u32::MAX), 900);
    }
}
