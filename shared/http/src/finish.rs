//! From the functions' routers to the service that answers.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use aide::{axum::ApiRouter, openapi::OpenApi};
use axum::{Router, extract::Request, middleware};
use bytes::Bytes;
use http::Method;
use serde_json::Value;
use trunkline_service::Ctx;

use crate::{
    Failure, HttpOptions, edge::edge, guard::guard, limits::Limiter, openapi::complete, shared::Shared,
};

/// Merges the routers, puts the layers around them and completes their OpenAPI document, which is the second answer.
/// One function's Lambda gives its own router, the whole platform gives all.
///
/// Make the routers and call this on one thread: aide collects their schemas in a thread-local.
pub fn finish(ctx: Ctx, options: HttpOptions, routers: Vec<ApiRouter<Ctx>>) -> (Router, Value) {
    let (router, api) = merge(routers);
    let methods = methods(&api);
    let document = document_of(&api, &ctx.settings.public_url, options.version);
    let bytes = Bytes::from(document.to_string());
    let shared = Arc::new(Shared {
        options,
        limiter: Limiter::default(),
        open: open(&api),
        since: ctx.now(),
        methods,
        document: bytes,
    });
    let router = if router.has_routes() {
        router.route_layer(middleware::from_fn_with_state(ctx.clone(), guard))
    } else {
        router
    };
    let routed = router
        .fallback(|request: Request| async move { Failure::NoRoute(request.uri().path().to_owned()) })
        .method_not_allowed_fallback(|request: Request| async move {
            Failure::WrongMethod(request.method().to_string())
        })
        .with_state(ctx.clone());
    // The outer layer changes the path, so it stands before the routing.
    let router = Router::new()
        .fallback_service(routed)
        .layer(middleware::from_fn_with_state((ctx, shared), edge));
    (router, document)
}

/// The routers' OpenAPI document, as [`finish`] makes it, for who serves none of them.
///
/// Make the routers and call this on one thread: aide collects their schemas in a thread-local.
#[must_use]
pub fn document(routers: Vec<ApiRouter<Ctx>>, public_url: &str, version: &str) -> Value {
    let (_, api) = merge(routers);
    document_of(&api, public_url, version)
}

fn merge(routers: Vec<ApiRouter<Ctx>>) -> (Router<Ctx>, OpenApi) {
    let merged = routers.into_iter().fold(ApiRouter::new(), ApiRouter::merge);
    let mut api = OpenApi::default();
    (merged.finish_api(&mut api), api)
}

fn document_of(api: &OpenApi, public_url: &str, version: &str) -> Value {
    // Of strings, numbers and maps with string keys: nothing in it that JSON cannot hold.
    let routes = serde_json::to_value(api).unwrap_or_default();
    complete(routes, public_url, version)
}

/// The operations that ask for no token.
fn open(api: &OpenApi) -> HashSet<(String, Method)> {
    let paths = api.paths.iter().flat_map(|paths| &paths.paths);
    let operations = paths.flat_map(|(path, item)| {
        let item = item.as_item();
        let operations = item.into_iter().flat_map(|item| item.iter());
        operations
            .filter(|(_, operation)| operation.security.is_empty())
            .filter_map(|(name, _)| {
                let method = name.to_ascii_uppercase().parse().ok()?;
                Some((path.clone(), method))
            })
    });
    operations.collect()
}

fn methods(api: &OpenApi) -> HashMap<String, Vec<Method>> {
    let paths = api.paths.iter().flat_map(|paths| &paths.paths);
    paths
        .map(|(path, item)| {
            let item = item.as_item();
            let methods = item.into_iter().flat_map(|item| item.iter());
            let methods = methods.filter_map(|(name, _)| name.to_ascii_uppercase().parse().ok());
            (path.clone(), methods.collect())
        })
        .collect()
}
