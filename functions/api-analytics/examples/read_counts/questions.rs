//! The questions, and how each is answered: exactly, up to a bound, or not at all.

use chrono::Duration;
use chrono_tz::Tz;
use futures::future::BoxFuture;
use trunkline_auth::Principal;
use trunkline_domain::Error;
use trunkline_service::{
    Ctx,
    analytics::{self, Question},
    calls::{self, CallsQuery},
};

use crate::{Counts, lists, seed};

/// Every question with its requests and what became of it.
pub(crate) async fn all(ctx: &Ctx, who: &Principal, counts: &Counts) -> Vec<(&'static str, String)> {
    let asked = Question {
        campaign: None,
        voice_agent: None,
        from: None,
        until: None,
        days: None,
        timezone: Tz::UTC,
    };
    let joe = Question {
        voice_agent: Some(seed::agent(0)),
        ..asked
    };
    let both = Question {
        campaign: Some(seed::campaign(0)),
        ..joe
    };
    let minute = Question {
        from: Some(ctx.now() - Duration::days(7) - Duration::seconds(77)),
        ..asked
    };
    let kolkata = Question {
        timezone: Tz::Asia__Kolkata,
        ..asked
    };
    let questions: Vec<(&'static str, BoxFuture<'_, Result<String, Error>>)> = vec![
        (
            "analytics/calls, 30 days",
            said(analytics::calls(ctx, who, &asked), "exact"),
        ),
        (
            "analytics/calls of an agent",
            said(analytics::calls(ctx, who, &joe), "exact"),
        ),
        (
            "analytics/calls of an agent in a campaign",
            said(analytics::calls(ctx, who, &both), "exact"),
        ),
        (
            "analytics/calls from inside a quarter of an hour",
            said(analytics::calls(ctx, who, &minute), "exact"),
        ),
        (
            "analytics/sentiment",
            said(analytics::sentiment(ctx, who, &asked), "exact"),
        ),
        (
            "analytics/emotions",
            said(analytics::emotions(ctx, who, &asked), "exact"),
        ),
        (
            "analytics/top-phrases",
            said(analytics::top_phrases(ctx, who, &asked, 10), "approximate"),
        ),
        (
            "analytics/hourly-calls",
            said(analytics::hourly(ctx, who, &asked), "exact"),
        ),
        (
            "analytics/daily-calls, Asia/Kolkata",
            said(analytics::daily(ctx, who, &kolkata), "exact"),
        ),
    ];
    let lists = lists::all(ctx.now()).into_iter();
    let questions = questions
        .into_iter()
        .chain(lists.map(|(question, asked)| (question, listed(ctx, who, asked))));
    let mut answers = Vec::new();
    for (question, answer) in questions {
        counts.lock().unwrap().clear();
        let became = match answer.await {
            Ok(became) => became,
            Err(Error::Invalid(_)) => "refused".to_owned(),
            Err(error) => panic!("{question}: {error}"),
        };
        let asked: Vec<String> = counts
            .lock()
            .unwrap()
            .iter()
            .map(|(operation, times)| format!("{times} {operation}"))
            .collect();
        answers.push((question, format!("{} ({became})", asked.join(" + "))));
    }
    answers
}

fn said<'a, T>(
    answer: impl Future<Output = Result<T, Error>> + Send + 'a,
    how: &'static str,
) -> BoxFuture<'a, Result<String, Error>> {
    Box::pin(async move { answer.await.map(|_| how.to_owned()) })
}

fn listed<'a>(ctx: &'a Ctx, who: &'a Principal, asked: CallsQuery) -> BoxFuture<'a, Result<String, Error>> {
    Box::pin(async move {
        let page = calls::list(ctx, who, &asked).await?;
        let relation = if page.total_is_lower_bound {
            "at least "
        } else {
            ""
        };
        Ok(format!("total {relation}{}", page.total))
    })
}
