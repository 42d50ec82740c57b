//! The HTTP API sends each request to the function that answers it.

use std::collections::BTreeMap;

use aide::{axum::ApiRouter, openapi::OpenApi};
use trunkline_service::Ctx;

use super::functions;

/// Whose is each path of the template: exact ones, and greedy ones that end in `/{proxy+}`.
fn routes() -> BTreeMap<&'static str, &'static str> {
    let mut routes = BTreeMap::new();
    for (name, function) in functions() {
        for event in function["Events"]
            .as_mapping()
            .into_iter()
            .flat_map(|events| events.values())
        {
            if let Some(path) = event["Properties"]["Path"].as_str() {
                assert_eq!(
                    event["Properties"]["Method"], "ANY",
                    "{path}: which methods there are is for the function to say"
                );
                assert!(routes.insert(path, name).is_none(), "{path} has two functions");
            }
        }
    }
    routes
}

/// As the HTTP API chooses: an exact path, else the longest greedy one, else `$default`.
fn function_of(path: &str, routes: &BTreeMap<&str, &'static str>) -> &'static str {
    let greedy = routes.iter().filter_map(|(route, name)| {
        let prefix = route.strip_suffix("{proxy+}")?;
        (path.starts_with(prefix) && path.len() > prefix.len()).then_some((prefix.len(), *name))
    });
    routes
        .get(path)
        .copied()
        .or_else(|| Some(greedy.max()?.1))
        .unwrap_or("api-meta")
}

#[test]
fn every_documented_path_reaches_the_function_that_answers_it() {
    let routers: [(&str, ApiRouter<Ctx>); 14] = [
        ("api-auth", api_auth::router()),
        ("api-voice-agents", api_voice_agents::router()),
        ("api-campaigns", api_campaigns::router()),
        ("api-leads", api_leads::router()),
        ("api-operators", api_operators::router()),
        ("api-calls", api_calls::router()),
        ("api-recordings", api_recordings::router()),
        ("api-analytics", api_analytics::router()),
        ("api-settings", api_settings::router()),
        ("api-integrations", api_integrations::router()),
        ("api-subscriptions", api_subscriptions::router()),
        ("api-meta", api_meta::router()),
        ("api-users", api_users::router()),
        ("api-admin", api_admin::router()),
    ];
    let routes = routes();
    for (name, router) in routers {
        let mut document = OpenApi::default();
        drop(router.finish_api(&mut document));
        let paths = document.paths.map(|paths| paths.paths).unwrap_or_default();
        assert!(!paths.is_empty(), "{name} documents its paths");
        for path in paths.keys() {
            assert_eq!(function_of(path, &routes), name, "{path}");
        }
    }
    assert_eq!(function_of("/webhooks/twilio/status", &routes), "hook-twilio");
}

#[test]
fn an_exact_route_wins_then_the_longest_greedy_one() {
    let routes = BTreeMap::from([("/a", "one"), ("/a/{proxy+}", "two"), ("/a/b/{proxy+}", "three")]);
    let chosen = ["/a", "/a/x", "/a/b", "/a/b/c", "/other"].map(|path| function_of(path, &routes));
    assert_eq!(chosen, ["one", "two", "two", "three", "api-meta"]);
}

#[test]
fn a_function_has_at_most_three_proxy_routes() {
    let mut greedy: BTreeMap<&str, usize> = BTreeMap::new();
    for (path, name) in routes() {
        *greedy.entry(name).or_default() += usize::from(path.ends_with("/{proxy+}"));
    }
    assert!(greedy.values().all(|routes| *routes <= 3), "{greedy:?}");
    assert!(greedy.values().any(|routes| *routes > 0), "{greedy:?}");
}
