//! Whose route is what.

use aide::axum::ApiRouter;
use axum::Router;
use trunkline_http::for_browsers;
use trunkline_media::{MediaServer, realtime::DeskServer};
use trunkline_runtime::{Config, behind_edge};
use trunkline_service::Ctx;

use crate::{carrier_hooks, sockets};

/// All functions' parts of the API, and what the document says of the sockets and of the carrier's webhooks.
pub(crate) fn routers() -> Vec<ApiRouter<Ctx>> {
    vec![
        api_auth::router(),
        api_voice_agents::router(),
        api_campaigns::router(),
        api_leads::router(),
        api_operators::router(),
        api_calls::router(),
        api_recordings::router(),
        api_analytics::router(),
        api_settings::router(),
        api_integrations::router(),
        api_subscriptions::router(),
        api_meta::router(),
        api_users::router(),
        api_admin::router(),
        sockets::docs(),
        carrier_hooks::docs(),
    ]
}

/// The parts of the API that do not pass through Lambda and its 6 MB: uploads, downloads, and the container's own health.
pub(crate) fn edge_routers() -> Vec<ApiRouter<Ctx>> {
    vec![
        api_leads::router(),
        api_recordings::router(),
        api_analytics::router(),
        api_meta::router(),
    ]
}

/// The carrier's webhooks and sockets before the API, which answers every other path in its dialect.
pub(crate) fn outer(api: Router, ctx: &Ctx, config: &Config, sockets: Router) -> Router {
    let hooks = behind_edge(hook_twilio::router(ctx.clone()), config);
    hooks.merge(sockets).fallback_service(api)
}

/// The carriers', the browsers' and the desks' sockets. What peers post comes past the edge, and brings its own signature.
pub(crate) fn sockets(media: &MediaServer, desks: &DeskServer, config: &Config) -> Router {
    let desks_of_browsers = for_browsers(desks.router(), config.cors_origins.clone());
    behind_edge(media.router().merge(desks_of_browsers), config).merge(desks.internal_router())
}
