//! `X-Twilio-Signature`: base64 of HMAC-SHA1, keyed with the account's token, over the URL and the sorted parameters.
//!
//! Source: Twilio, "Security: validating requests".

use aws_lc_rs::hmac;
use base64::{Engine, engine::general_purpose::STANDARD};

/// Signs a request: `url` as it is requested (query included, fragment not), `params` those of a form-encoded body.
/// A GET and a WebSocket handshake have none.
pub(crate) fn signature(token: &str, url: &str, params: &[(String, String)]) -> String {
    let mut sorted: Vec<&(String, String)> = params.iter().collect();
    sorted.sort();
    let mut text = String::from(url);
    for (name, value) in sorted {
        text.push_str(name);
        text.push_str(value);
    }
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, token.as_bytes());
    STANDARD.encode(hmac::sign(&key, text.as_bytes()))
}

/// Whether two secrets are equal, in a time that does not tell where they differ.
pub(crate) fn same_secret(a: &str, b: &str) -> bool {
    aws_lc_rs::constant_time::verify_slices_are_equal(a.as_bytes(), b.as_bytes()).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agrees_with_the_published_example() {
        let params = [
            ("CallSid", "CA1234567890ABCDE"),
            ("Caller", "+14158675309"),
            ("Digits", "1234"),
            ("From", "+14158675309"),
            ("To", "+18005551212"),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()));
        let url = "https://mycompany.com/myapp.php?foo=1&bar=2";
        assert_eq!(signature("12345", url, &params), "RSOYDt4T1cUTdK1PDd93/VVr8B8=");
        let mut shuffled = params.to_vec();
        shuffled.reverse();
        assert_eq!(signature("12345", url, &shuffled), "RSOYDt4T1cUTdK1PDd93/VVr8B8=");
    }

    #[test]
    fn any_change_changes_the_signature() {
        let params = vec![("A".to_owned(), "1".to_owned())];
        let original = signature("t", "http://h/p?q=1", &params);
        assert_ne!(original, signature("u", "http://h/p?q=1", &params));
        assert_ne!(original, signature("t", "http://h/p?q=2", &params));
        assert_ne!(original, signature("t", "http://h/p?q=1", &[]));
    }
}
