//! `X-Twilio-Signature`: the carrier's proof that a request is its own.
//!
//! Base64 of HMAC-SHA1, keyed with the account's token, over the full URL followed by every form
//! parameter, sorted by name, name and value joined. For a body that is no form, the URL alone,
//! with the body's digest in its query as `bodySHA256`.

use aws_lc_rs::{digest, hmac};
use base64::{Engine, engine::general_purpose::STANDARD};
use subtle::ConstantTimeEq;

/// Whether `signature` is the account's over this URL and these form parameters.
///
/// The URL is tried with and without the scheme's default port, since proxies add and drop it.
#[must_use]
pub fn verify(token: &str, url: &str, params: &[(String, String)], signature: &str) -> bool {
    let Ok(given) = STANDARD.decode(signature) else {
        return false;
    };
    let key = key(token);
    let tail = joined(params);
    let matches = |url: &String| hmac::verify(&key, format!("{url}{tail}").as_bytes(), &given).is_ok();
    spellings(url).iter().any(matches)
}

/// Whether `signature` is the account's over this URL, and the `bodySHA256` in its query the body's.
#[must_use]
pub fn verify_body(token: &str, url: &str, body: &[u8], signature: &str) -> bool {
    let query = url.split_once('?').map_or("", |(_, query)| query);
    let named = query.split('&').find_map(|pair| pair.strip_prefix("bodySHA256="));
    let Some(named) = named else { return false };
    let digest = hex(digest::digest(&digest::SHA256, body).as_ref());
    let same = bool::from(named.to_ascii_lowercase().as_bytes().ct_eq(digest.as_bytes()));
    verify(token, url, &[], signature) & same
}

/// The signature over this URL and these form parameters.
#[must_use]
pub fn sign(token: &str, url: &str, params: &[(String, String)]) -> String {
    STANDARD.encode(hmac::sign(
        &key(token),
        format!("{url}{}", joined(params)).as_bytes(),
    ))
}

fn key(token: &str) -> hmac::Key {
    hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, token.as_bytes())
}

/// A parameter that occurs twice is signed once a distinct value, in order, as the carrier's SDKs do.
fn joined(params: &[(String, String)]) -> String {
    let mut sorted: Vec<&(String, String)> = params.iter().collect();
    sorted.sort();
    sorted.dedup();
    sorted
        .into_iter()
        .flat_map(|(name, value)| [name.as_str(), value.as_str()])
        .collect()
}

/// The URL as given, and with the default port added or dropped.
fn spellings(url: &str) -> Vec<String> {
    let mut all = vec![url.to_owned()];
    let Some((scheme, rest)) = url.split_once("://") else {
        return all;
    };
    let port = match scheme {
        "https" | "wss" => ":443",
        "http" | "ws" => ":80",
        _ => return all,
    };
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, tail) = rest.split_at(end);
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    // An IPv6 address has colons of its own, inside brackets.
    let has_port = host
        .rsplit_once(']')
        .map_or(host, |(_, after)| after)
        .contains(':');
    if let Some(bare) = authority.strip_suffix(port) {
        all.push(format!("{scheme}://{bare}{tail}"));
    } else if !has_port {
        all.push(format!("{scheme}://{authority}{port}{tail}"));
    }
    all
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const URL: &str = "https://mycompany.com/myapp.php?foo=1&bar=2";
    const TOKEN: &str = "12345";

    fn pairs(params: &[(&str, &str)]) -> Vec<(String, String)> {
        params
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect()
    }

    fn published() -> Vec<(String, String)> {
        pairs(&[
            ("CallSid", "CA1234567890ABCDE"),
            ("Digits", "1234"),
            ("From", "+14158675309"),
            ("To", "+18005551212"),
            ("Caller", "+14158675309"),
        ])
    }

    /// Source: the tests of the carrier's published SDKs (`test_request_validator`).
    #[test]
    fn the_published_example_verifies() {
        assert!(verify(TOKEN, URL, &published(), "RSOYDt4T1cUTdK1PDd93/VVr8B8="));
    }

    /// Source: as above.
    #[test]
    fn the_published_example_with_a_json_body_verifies() {
        let url =
            format!("{URL}&bodySHA256=0a1ff7634d9ab3b95db5c9a2dfe9416e41502b283a80c7cf19632632f96e6620");
        let body = br#"{"property": "value", "boolean": true}"#;
        assert!(verify_body(TOKEN, &url, body, "a9nBmqA0ju/hNViExpshrM61xv4="));
        assert!(
            !verify_body(TOKEN, &url, b"{}", "a9nBmqA0ju/hNViExpshrM61xv4="),
            "another body"
        );
        let unnamed = sign(TOKEN, URL, &[]);
        assert!(
            !verify_body(TOKEN, URL, body, &unnamed),
            "a URL that names no body vouches for none"
        );
    }

    #[test]
    fn the_default_port_makes_no_difference_and_another_does() {
        let with = URL.replace("mycompany.com", "mycompany.com:443");
        assert!(verify(
            TOKEN,
            &with,
            &published(),
            &sign(TOKEN, URL, &published())
        ));
        assert!(verify(
            TOKEN,
            URL,
            &published(),
            &sign(TOKEN, &with, &published())
        ));
        let other = URL.replace("mycompany.com", "mycompany.com:8443");
        assert!(!verify(
            TOKEN,
            URL,
            &published(),
            &sign(TOKEN, &other, &published())
        ));
        let six = "http://[::1]/answer";
        assert!(verify(
            TOKEN,
            six,
            &[],
            &sign(TOKEN, "http://[::1]:80/answer", &[])
        ));
        assert!(verify(
            TOKEN,
            "wss://h/media",
            &[],
            &sign(TOKEN, "wss://h:443/media", &[])
        ));
    }

    #[test]
    fn whatever_was_altered_is_refused() {
        let good = sign(TOKEN, URL, &published());
        assert!(!verify("another token", URL, &published(), &good));
        assert!(!verify(
            TOKEN,
            &URL.replace("foo=1", "foo=2"),
            &published(),
            &good
        ));
        assert!(!verify(TOKEN, URL, &published()[1..], &good));
        for broken in ["", "RSOYDt4T1cUTdK1PDd93/VVr8B8", "not base64!", &good[4..]] {
            assert!(!verify(TOKEN, URL, &published(), broken), "{broken}");
        }
    }

    /// Source: as above.
    #[test]
    fn repeated_parameters_are_signed_once_a_value() {
        let twice = pairs(&[
            ("Sid", "CA123"),
            ("SidAccount", "AC123"),
            ("Digits", "5678"),
            ("Digits", "1234"),
            ("Digits", "1234"),
        ]);
        assert!(verify(TOKEN, URL, &twice, "IK+Dwps556ElfBT0I3Rgjkr1wJU="));
    }

    proptest! {
        #[test]
        fn no_text_makes_it_stop(url in ".{0,60}", name in ".{0,20}", value in ".{0,20}", signature in ".{0,40}") {
            let params = vec![(name, value)];
            prop_assert!(!verify(TOKEN, &url, &params, &signature));
            prop_assert!(verify(TOKEN, &url, &params, &sign(TOKEN, &url, &params)));
        }
    }
}
