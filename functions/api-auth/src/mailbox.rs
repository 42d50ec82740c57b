//! The mailbox: what the platform wrote to people, where mail waits when there is no mail server.

use aide::axum::{ApiRouter, routing::get_with};
use axum::extract::State;
use schemars::JsonSchema;
use serde::Serialize;
use trunkline_domain::page::Page;
use trunkline_http::{Admin, Failure, List, Paging, Reply, Result, Seconds, example};
use trunkline_service::{Ctx, mail};

pub(crate) fn router() -> ApiRouter<Ctx> {
    ApiRouter::new().api_route(
        "/auth/mailbox",
        get_with(list, |op| op.summary("What the platform wrote to people (admin)")),
    )
}

/// A mail.
#[derive(Serialize, JsonSchema)]
struct MailBody {
    #[schemars(example = example::id("mail_id"))]
    id: String,
    #[schemars(example = &"user@example.com")]
    to: String,
    #[schemars(example = &"Reset your password")]
    subject: String,
    #[schemars(example = &"Use this token within the hour: …")]
    body: String,
    /// `kept` when there is no mail server, else `waiting`, `sent` or `failed`.
    #[schemars(example = &"kept")]
    status: &'static str,
    /// Why it was not sent.
    reason: Option<String>,
    created_at: Seconds,
}

async fn list(
    State(ctx): State<Ctx>,
    Admin(by): Admin,
    Paging(page): Paging,
) -> Result<Reply<List<MailBody>>> {
    if page.skip > 0 {
        return Err(Failure::invalid(
            "skip",
            "the mailbox is read on by `cursor` alone",
        ));
    }
    let (mails, next_cursor) = mail::mailbox(&ctx, &by, &page).await?;
    let found = Page {
        total: u64::try_from(mails.len()).unwrap_or(u64::MAX),
        total_is_lower_bound: next_cursor.is_some() || page.cursor.is_some(),
        items: mails,
        next_cursor,
    };
    let shown = found.map(|mail| MailBody {
        id: mail.id.to_string(),
        to: mail.to,
        subject: mail.subject,
        body: mail.body,
        status: mail.status.as_str(),
        reason: mail.reason,
        created_at: Seconds(mail.at),
    });
    Ok(Reply::new(List::of(shown, &page)))
}
