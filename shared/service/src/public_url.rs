//! Addresses that others give us to call: never our own house.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::time::Duration;

use trunkline_domain::Error;
use url::{Host, Url};

use crate::Ctx;

/// How long a name may take to resolve while somebody waits for the answer.
const RESOLVE: Duration = Duration::from_secs(2);

/// Refuses a URL that is none, is not HTTP, or is known to point to a private address. One whose
/// name does not resolve now is accepted: what calls it checks again.
///
/// # Errors
/// [`Error::Invalid`] on `field`.
pub async fn check(ctx: &Ctx, field: &str, text: &str) -> Result<(), Error> {
    let wrong = |what: &str| Error::invalid(field, what.to_owned());
    let url =
        Url::parse(text).map_err(|_| wrong("is not an address such as https://example.com/voicemail.mp3"))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(wrong("must begin with https:// or http://"));
    }
    if ctx.settings.allow_private_urls {
        return Ok(());
    }
    let private = match url.host() {
        None => true,
        Some(Host::Ipv4(address)) => is_private(IpAddr::V4(address)),
        Some(Host::Ipv6(address)) => is_private(IpAddr::V6(address)),
        Some(Host::Domain(name)) => {
            resolves_privately(name, url.port_or_known_default().unwrap_or(443)).await
        }
    };
    if private {
        Err(wrong(
            "points to a private address; it must be reachable from outside",
        ))
    } else {
        Ok(())
    }
}

async fn resolves_privately(name: &str, port: u16) -> bool {
    if name.eq_ignore_ascii_case("localhost") || name.to_ascii_lowercase().ends_with(".localhost") {
        return true;
    }
    match tokio::time::timeout(RESOLVE, tokio::net::lookup_host((name, port))).await {
        Ok(Ok(mut addresses)) => addresses.any(|address| is_private(address.ip())),
        Ok(Err(_)) | Err(_) => false,
    }
}

/// Not an address of the public internet.
#[must_use]
pub fn is_private(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_private_v4(address),
        IpAddr::V6(address) => is_private_v6(address),
    }
}

fn is_private_v4(address: Ipv4Addr) -> bool {
    match address.octets() {
        // "This" network, private, loopback, link-local (metadata services too).
        [0 | 10 | 127, ..] | [169, 254, ..] | [192, 168, ..] | [172, 16..=31, ..]
        // Carrier-grade NAT, protocol assignments, benchmarks, multicast and reserved.
        | [100, 64..=127, ..] | [192, 0, 0, _] | [198, 18 | 19, ..] | [224..=255, ..] => true,
        _ => false,
    }
}

fn is_private_v6(address: Ipv6Addr) -> bool {
    if let Some(inner) = address.to_ipv4_mapped().or_else(|| embedded(address)) {
        return is_private_v4(inner);
    }
    let first = address.segments()[0];
    address.is_unspecified()
        || address.is_loopback()
        // Unique local, link-local, multicast, site-local of old.
        || (first & 0xfe00) == 0xfc00
        || (first & 0xff80) == 0xfe80
        || (first & 0xff00) == 0xff00
}

/// The IPv4 address inside NAT64, 6to4 and compatible ones.
fn embedded(address: Ipv6Addr) -> Option<Ipv4Addr> {
    let v4 = |high: u16, low: u16| {
        let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
        Ipv4Addr::new(a, b, c, d)
    };
    match address.segments() {
        [0x64, 0xff9b, _, _, _, _, high, low] => Some(v4(high, low)),
        [0x2002, high, low, ..] => Some(v4(high, low)),
        [0, 0, 0, 0, 0, 0, high, low] if high > 0 => Some(v4(high, low)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_insides_of_networks_are_private_however_written() {
        for text in [
            "127.0.0.1",
            "10.1.2.3",
            "172.16.0.1",
            "172.31.255.255",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "0.0.0.0",
            "224.0.0.1",
            "255.255.255.255",
            "::1",
            "::",
            "fe80::1",
            "fd00::1",
            "ff02::1",
            "::ffff:10.0.0.1",
            "64:ff9b::7f00:1",
            "2002:7f00:1::",
            "::127.0.0.1",
        ] {
            assert!(is_private(text.parse().unwrap()), "{text}");
        }
    }

    #[test]
    fn the_internet_is_not() {
        for text in [
            "8.8.8.8",
            "172.32.0.1",
            "100.128.0.1",
            "192.0.2.1",
            "2606:4700::1111",
            "64:ff9b::808:808",
        ] {
            assert!(!is_private(text.parse().unwrap()), "{text}");
        }
    }
}
