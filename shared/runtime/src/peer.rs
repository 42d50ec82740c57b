//! Where this process is reached by others of its kind.

use std::{net::SocketAddr, time::Duration};

use serde::Deserialize;

use crate::{Config, config::reachable};

/// ECS answers from the task's own host.
const PATIENCE: Duration = Duration::from_secs(2);

/// `http://address:port`: as it is set; else of the address that it listens on; where that is every address, the one that ECS gave the
/// task, or this machine's loopback.
pub async fn peer_url(config: &Config, bound: SocketAddr) -> String {
    if let Some(url) = &config.peer_url {
        return url.clone();
    }
    if bound.ip().is_unspecified()
        && let Some(metadata) = &config.task_metadata_url
    {
        match address_of_task(metadata).await {
            Ok(address) => return format!("http://{}", SocketAddr::new(address, bound.port())),
            Err(why) => tracing::error!(
                "ECS does not say what this task's address is, so its peers cannot reach it and desks hear of some events seconds late: {why}"
            ),
        }
    }
    format!("http://{}", reachable(bound))
}

/// What of a container's metadata is needed. Source: Amazon ECS task metadata endpoint version 4.
#[derive(Deserialize)]
struct Container {
    #[serde(rename = "Networks")]
    networks: Vec<Network>,
}

#[derive(Deserialize)]
struct Network {
    #[serde(rename = "IPv4Addresses", default)]
    addresses: Vec<std::net::IpAddr>,
}

async fn address_of_task(metadata: &str) -> Result<std::net::IpAddr, String> {
    let text = |error: reqwest::Error| error.to_string();
    let http = reqwest::Client::builder()
        .timeout(PATIENCE)
        .no_proxy()
        .build()
        .map_err(text)?;
    let answer = http
        .get(metadata)
        .send()
        .await
        .and_then(reqwest::Response::error_for_status);
    let container: Container = answer.map_err(text)?.json().await.map_err(text)?;
    container
        .networks
        .into_iter()
        .flat_map(|network| network.addresses)
        .next()
        .ok_or_else(|| "it names no address".to_owned())
}

#[cfg(test)]
mod tests {
    use std::ffi::OsString;

    use axum::{Router, routing::get};

    use super::*;

    fn config(set: &[(&str, &str)]) -> Config {
        let set: Vec<(String, String)> = set
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        Config::read(&move |name| {
            let found = set.iter().find(|(one, _)| one == name);
            found.map(|(_, value)| OsString::from(value))
        })
        .unwrap()
    }

    fn every(port: u16) -> SocketAddr {
        SocketAddr::from(([0, 0, 0, 0], port))
    }

    #[tokio::test]
    async fn peers_are_told_the_address_that_is_set_or_listened_on() {
        let set = config(&[("TRUNKLINE_PEER_URL", "http://10.0.0.7:9000/")]);
        assert_eq!(peer_url(&set, every(8000)).await, "http://10.0.0.7:9000");
        let bound = SocketAddr::from(([10, 0, 0, 8], 8000));
        assert_eq!(peer_url(&config(&[]), bound).await, "http://10.0.0.8:8000");
        assert_eq!(peer_url(&config(&[]), every(8000)).await, "http://127.0.0.1:8000");
    }

    #[tokio::test]
    async fn a_task_of_ecs_is_told_its_address_there() {
        let answer =
            r#"{"DockerId": "x", "Networks": [{"NetworkMode": "awsvpc", "IPv4Addresses": ["10.0.2.106"]}]}"#;
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let metadata = format!("http://{}/v4/abc", listener.local_addr().unwrap());
        let router = Router::new().route("/v4/abc", get(move || async move { answer }));
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        let told = config(&[("ECS_CONTAINER_METADATA_URI_V4", &metadata)]);
        assert_eq!(peer_url(&told, every(8000)).await, "http://10.0.2.106:8000");
    }
}
