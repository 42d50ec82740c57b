//! The platform as desks' sockets see it: their port, over the services.

use std::time::Duration;

use async_trait::async_trait;
use serde_json::{Value, json};
use trunkline_auth::Principal;
use trunkline_domain::{Error, Instant, OperatorId, TenantId, operator::OperatorStatus};
use trunkline_events::{Event, EventKind};
use trunkline_media::realtime::port::{Desk, DeskPort, DeskRefused, From, Message, News, Opening, Written};
use trunkline_service::{Ctx, identity, operators, realtime};

/// The services, as the port of desks' sockets.
#[derive(Debug)]
pub(crate) struct ServiceDesks {
    ctx: Ctx,
    /// Where this instance's peers reach it.
    url: String,
}

impl ServiceDesks {
    pub(crate) const fn new(ctx: Ctx, url: String) -> Self {
        Self { ctx, url }
    }

    /// Who asks, read afresh; under maintenance nobody but the admin.
    async fn who(&self, token: &str) -> Result<Principal, DeskRefused> {
        let (who, closed) = identity::admit(&self.ctx, token).await.map_err(refused)?;
        match closed {
            None => Ok(who),
            Some(maintenance) => Err(DeskRefused::Closed(maintenance.message)),
        }
    }
}

#[async_trait]
impl DeskPort for ServiceDesks {
    async fn admit(&self, token: &str) -> Result<String, DeskRefused> {
        Ok(self.who(token).await?.user.to_string())
    }

    async fn ended(&self, tokens: &[String]) -> Result<Vec<Option<String>>, DeskRefused> {
        let found = identity::still_good(&self.ctx, tokens).await.map_err(refused)?;
        let why = |good: Result<(), Error>| good.err().map(|error| error.to_string());
        Ok(found.into_iter().map(why).collect())
    }

    async fn may_join(&self, token: &str, agent: &str, tenant: &str) -> Result<Desk, DeskRefused> {
        let who = self.who(token).await?;
        let operator = realtime::may_join(&self.ctx, &who, agent, tenant)
            .await
            .map_err(refused)?;
        Ok(Desk {
            tenant: operator.tenant.to_string(),
            agent: operator.id.to_string(),
        })
    }

    async fn opening(&self, desk: &Desk, since: Option<&str>) -> Result<Opening, DeskRefused> {
        let (tenant, agent) = ids(desk)?;
        let mut opening = Opening::default();
        if let Some(since) = since {
            let since: Instant = since.parse().map_err(|_| {
                let what = "since is a cursor of an event, or a time such as 2026-01-05T10:00:00.000Z";
                DeskRefused::Request(what.to_owned())
            })?;
            let missed = realtime::missed(&self.ctx, tenant, agent, since)
                .await
                .map_err(refused)?;
            opening.cut = missed.cut;
            opening.news.extend(missed.events.iter().map(news));
        }
        let ringing = realtime::ringing(&self.ctx, tenant, agent)
            .await
            .map_err(refused)?;
        opening.news.extend(ringing.iter().map(news));
        Ok(opening)
    }

    async fn set_status(&self, token: &str, agent: &str, status: &str) -> Result<(), DeskRefused> {
        let who = self.who(token).await?;
        let agent: OperatorId = agent
            .parse()
            .map_err(|_| DeskRefused::Request("agentId: this is no id of an agent".to_owned()))?;
        let known = OperatorStatus::ALL
            .into_iter()
            .find(|known| known.as_str() == status);
        let status = known.ok_or_else(|| {
            let all = OperatorStatus::ALL.map(OperatorStatus::as_str).join(", ");
            DeskRefused::Request(format!("status is one of {all}"))
        })?;
        let set = operators::set_status(&self.ctx, &who, agent, status).await;
        set.map(|_| ()).map_err(refused)
    }

    async fn message(&self, news: &News) -> Result<Option<Message>, DeskRefused> {
        let message = realtime::message(&self.ctx, &event(news)?)
            .await
            .map_err(refused)?;
        Ok(message.map(|message| Message {
            name: message.name.to_owned(),
            data: message.data,
        }))
    }

    async fn written(&self, tenant: &str, within: Duration) -> Result<(Vec<Written>, bool), DeskRefused> {
        let tenant: TenantId = tenant.parse().map_err(|_| no_id("tenant"))?;
        let now = self.ctx.now();
        let within = chrono::Duration::from_std(within).unwrap_or(chrono::Duration::MAX);
        let from = now
            .checked_sub_signed(within)
            .unwrap_or(now - chrono::Duration::hours(1));
        let (fed, more) = realtime::fresh(&self.ctx, tenant, from).await.map_err(refused)?;
        let written = fed.iter().map(|fed| Written {
            news: news(&fed.ev),
            age: (now - fed.fed_at).to_std().unwrap_or_default(),
        });
        Ok((written.collect(), more))
    }

    fn posted(&self, body: &[u8], signature: &str) -> Result<(News, From), DeskRefused> {
        let posted = realtime::accept(&self.ctx, body, signature).map_err(refused)?;
        let from = if posted.forwarded {
            From::Peer
        } else {
            From::Platform
        };
        Ok((news(&posted.event), from))
    }

    async fn forward(&self, news: &News) {
        match event(news) {
            Ok(event) => realtime::forward(&self.ctx, &event).await,
            Err(error) => tracing::error!(about = %news.about, %error, "its peers were not told"),
        }
    }

    async fn keep_session(&self, session: &str) -> Result<(), DeskRefused> {
        realtime::keep_session(&self.ctx, session, &self.url)
            .await
            .map_err(refused)
    }

    async fn session_at(&self, session: &str) -> Result<Option<String>, DeskRefused> {
        let found = realtime::session_at(&self.ctx, session).await.map_err(refused)?;
        Ok(found.filter(|url| *url != self.url))
    }

    async fn present(&self) -> Result<(), DeskRefused> {
        realtime::present(&self.ctx, &self.url).await.map_err(refused)
    }

    async fn leave(&self) -> Result<(), DeskRefused> {
        realtime::leave(&self.ctx).await.map_err(refused)
    }
}

fn news(event: &Event) -> News {
    let for_all = event.kind == EventKind::OperatorStatus;
    News {
        tenant: event.tenant.to_string(),
        desk: event
            .operator
            .filter(|_| !for_all)
            .map(|operator| operator.to_string()),
        about: event.subject.to_string(),
        seq: event.seq,
        is_card: event.kind == EventKind::OperatorRung,
        event: json!(event),
    }
}

fn event(news: &News) -> Result<Event, DeskRefused> {
    serde_json::from_value(Value::clone(&news.event))
        .map_err(|error| DeskRefused::Request(format!("this is no event: {error}")))
}

fn ids(desk: &Desk) -> Result<(TenantId, OperatorId), DeskRefused> {
    let tenant = desk.tenant.parse().map_err(|_| no_id("tenant"))?;
    let agent = desk.agent.parse().map_err(|_| no_id("agent"))?;
    Ok((tenant, agent))
}

fn no_id(what: &str) -> DeskRefused {
    DeskRefused::Request(format!("this is no id of {what}"))
}

fn refused(error: Error) -> DeskRefused {
    match error {
        Error::TokenExpired | Error::TokenInvalid(_) => DeskRefused::Token(error.to_string()),
        Error::Malformed(_)
        | Error::Invalid(_)
        | Error::NotFound(_)
        | Error::Forbidden(_)
        | Error::Conflict { .. }
        | Error::BadCredentials
        | Error::RateLimited { .. }
        | Error::TooLarge { .. }
        | Error::UnsupportedMedia(_) => DeskRefused::Request(error.to_string()),
        Error::Unavailable { .. } => DeskRefused::Unavailable(error.to_string()),
        Error::Internal(cause) => {
            tracing::error!("desks are not served: {cause}");
            DeskRefused::Unavailable("a fault of ours".to_owned())
        }
    }
}
