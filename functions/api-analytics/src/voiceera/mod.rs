//! VoiceERA's analytics.

mod export;
mod figures;
mod filters;
mod moods;

use aide::axum::{ApiRouter, routing::get_with};
use trunkline_http::says;
use trunkline_service::Ctx;

/// What holds for all of them.
const PERIOD: &str = "Of the last 30 days, unless asked otherwise. Counted by full quarters of an hour, the same cost at any number of calls; \
    a period that begins or ends inside one, and an agent within a campaign, are counted call by call up to 10,000 and refused beyond (422).";
/// That top phrases are not exact.
const APPROXIMATE: &str = "Approximate: of each UTC day 200 phrases are kept in each of eight parts; a count may be low, never high. \
    The header `X-Approximate` says so.";
/// How an export is answered.
const EXPORT: &str = "A row per call, oldest first. Up to 20,000 calls are the file itself; more are 202 with a status to look at, \
    which has a link once the file is written, or says why it failed. The same question within the hour is the same export, and the file itself once it is \
    there; one that failed begins anew when it is asked for again a minute later. \
    A cell that a spreadsheet would take for a formula begins with an apostrophe.";

pub(crate) fn router() -> ApiRouter<Ctx> {
    ApiRouter::new()
        .api_route(
            "/analytics/calls",
            get_with(figures::calls, |op| {
                op.summary("Call statistics").description(PERIOD)
            }),
        )
        .api_route(
            "/analytics/sentiment",
            get_with(moods::sentiment, |op| {
                op.summary("Sentiment analysis").description(PERIOD)
            }),
        )
        .api_route(
            "/analytics/emotions",
            get_with(moods::emotions, |op| {
                op.summary("Emotion distribution").description(PERIOD)
            }),
        )
        .api_route(
            "/analytics/top-phrases",
            get_with(moods::phrases, |op| {
                op.summary("Most common phrases").description(APPROXIMATE)
            }),
        )
        .api_route(
            "/analytics/agent-performance",
            get_with(figures::agents, |op| {
                op.summary("Agent metrics").description(PERIOD)
            }),
        )
        .api_route(
            "/analytics/campaign-stats",
            get_with(figures::campaigns, |op| {
                op.summary("Campaign statistics").description(PERIOD)
            }),
        )
        .api_route(
            "/analytics/hourly-calls",
            get_with(figures::hourly, |op| {
                op.summary("Calls by hour of the day").description(PERIOD)
            }),
        )
        .api_route(
            "/analytics/export",
            get_with(export::export, |op| {
                op.summary("Export calls to CSV")
                    .description(EXPORT)
                    .with(says(export::LATER))
            }),
        )
        .api_route(
            "/analytics/export/{export_id}",
            get_with(export::status, |op| op.summary("How far a large export is")),
        )
        .api_route(
            "/analytics/export/{export_id}/download",
            get_with(export::download, |op| op.summary("Download a large export")),
        )
        .api_route(
            "/analytics/daily-calls",
            get_with(figures::daily, |op| {
                op.summary("Calls by day").description(PERIOD)
            }),
        )
}
