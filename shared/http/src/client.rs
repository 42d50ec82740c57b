//! The client's address: the connection's, or what a proxy that we trust says of it.

use std::net::{IpAddr, SocketAddr};

use axum::extract::ConnectInfo;
use http::{Extensions, HeaderMap};

use crate::HttpOptions;

/// The client's address, when what serves the request knows it better than the connection does.
/// Put into the request's extensions before the router it is believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClientAddr(pub IpAddr);

/// Whose request it is; `None` when it came by no connection, as in a test.
pub(crate) fn address(headers: &HeaderMap, extensions: &Extensions, options: &HttpOptions) -> Option<IpAddr> {
    if let Some(ClientAddr(address)) = extensions.get() {
        return Some(*address);
    }
    if options.origin_secret.is_some()
        && let Some(viewer) = headers
            .get("cloudfront-viewer-address")
            .and_then(|value| value.to_str().ok())
    {
        return viewer_address(viewer);
    }
    let peer = extensions
        .get::<ConnectInfo<SocketAddr>>()
        .map(|info| info.0.ip().to_canonical())?;
    let trusted = |address: &IpAddr| options.trusted_proxies.iter().any(|net| net.contains(address));
    // From the right, hop by hop: the first that no proxy of ours wrote is the client. Further left anybody may have written.
    let mut client = peer;
    let hops = headers
        .get_all("x-forwarded-for")
        .iter()
        .filter_map(|value| value.to_str().ok());
    let hops: Vec<&str> = hops.flat_map(|line| line.split(',')).map(str::trim).collect();
    for hop in hops.iter().rev() {
        if !trusted(&client) {
            break;
        }
        match hop.parse::<IpAddr>() {
            Ok(next) => client = next.to_canonical(),
            Err(_) => break,
        }
    }
    Some(client)
}

/// `198.51.100.10:46532`, or `2001:db8::1:46532` without brackets: the last colon parts the port.
fn viewer_address(text: &str) -> Option<IpAddr> {
    let address = text.rsplit_once(':').map_or(text, |(address, _)| address);
    address.trim_matches(['[', ']']).parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(forwarded: &[&str], proxies: &str) -> String {
        let mut headers = HeaderMap::new();
        for line in forwarded {
            headers.append("x-forwarded-for", line.parse().unwrap());
        }
        let mut extensions = Extensions::new();
        extensions.insert(ConnectInfo("10.0.0.1:999".parse::<SocketAddr>().unwrap()));
        let options = HttpOptions {
            trusted_proxies: HttpOptions::read_proxies(proxies).unwrap(),
            ..HttpOptions::default()
        };
        address(&headers, &extensions, &options).unwrap().to_string()
    }

    #[test]
    fn a_forwarded_address_counts_only_from_a_trusted_proxy() {
        assert_eq!(seen(&["1.2.3.4"], ""), "10.0.0.1");
        assert_eq!(seen(&["1.2.3.4"], "10.0.0.0/8"), "1.2.3.4");
        assert_eq!(
            seen(&["9.9.9.9, 1.2.3.4"], "10.0.0.0/8"),
            "1.2.3.4",
            "what the client itself wrote is not believed"
        );
        assert_eq!(
            seen(&["1.2.3.4", "10.0.0.7"], "10.0.0.0/8"),
            "1.2.3.4",
            "two proxies of ours"
        );
        assert_eq!(seen(&["rubbish"], "10.0.0.0/8"), "10.0.0.1");
    }

    #[test]
    fn the_distributions_viewer_address_is_read() {
        assert_eq!(
            viewer_address("198.51.100.10:46532").unwrap().to_string(),
            "198.51.100.10"
        );
        assert_eq!(
            viewer_address("2001:db8::1:46532").unwrap().to_string(),
            "2001:db8::1"
        );
        assert_eq!(viewer_address("nobody"), None);
    }
}
