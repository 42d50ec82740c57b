//! Receipt handles and queue URLs: names that clients carry around.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use uuid::Uuid;

use super::error::SqsError;

/// The account that ARNs and queue URLs name.
pub(crate) const ACCOUNT: &str = "000000000000";

/// One delivery of one message: a later delivery has another nonce, and makes this one stale.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Handle {
    pub(crate) message: i64,
    pub(crate) nonce: String,
}

impl Handle {
    /// A handle for a delivery that starts now.
    pub(crate) fn fresh(message: i64) -> Self {
        Self {
            message,
            nonce: Uuid::new_v4().simple().to_string(),
        }
    }

    /// As the client gets it.
    pub(crate) fn to_text(&self) -> String {
        URL_SAFE_NO_PAD.encode(format!("{}:{}", self.message, self.nonce))
    }

    /// From what the client sends.
    pub(crate) fn parse(text: &str) -> Result<Self, SqsError> {
        let parsed = URL_SAFE_NO_PAD.decode(text).ok().and_then(|bytes| {
            let text = String::from_utf8(bytes).ok()?;
            let (message, nonce) = text.split_once(':')?;
            Some(Self {
                message: message.parse().ok()?,
                nonce: nonce.to_owned(),
            })
        });
        parsed.ok_or_else(SqsError::bad_handle)
    }
}

/// A queue's URL at this start's address.
pub(crate) fn queue_url(base: &str, name: &str) -> String {
    format!("{base}/{ACCOUNT}/{name}")
}

/// The queue's name in a URL. Only the last part is read: a URL from before a restart has another port.
pub(crate) fn queue_name(url: &str) -> &str {
    url.trim_end_matches('/').rsplit('/').next().unwrap_or_default()
}

/// A queue's ARN.
pub(crate) fn arn(name: &str) -> String {
    format!("arn:aws:sqs:{}:{ACCOUNT}:{name}", crate::AwsLocal::REGION)
}

/// The queue's name in an ARN, of whatever region and account: a template's own are not ours.
pub(crate) fn name_in_arn(arn: &str) -> Option<&str> {
    let rest = arn.strip_prefix("arn:aws:sqs:")?;
    rest.rsplit_once(':')
        .map(|(_, name)| name)
        .filter(|name| !name.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_handle_survives_the_journey_and_nothing_else_is_one() {
        let handle = Handle::fresh(42);
        assert_eq!(Handle::parse(&handle.to_text()).unwrap(), handle);
        for text in ["", "!", "bm90IGEgaGFuZGxl", "eDp5"] {
            assert_eq!(Handle::parse(text), Err(SqsError::bad_handle()), "{text}");
        }
    }

    #[test]
    fn a_queue_is_known_by_the_end_of_its_url_and_arn() {
        assert_eq!(queue_name("http://127.0.0.1:1/000000000000/dial"), "dial");
        assert_eq!(queue_name("dial"), "dial");
        assert_eq!(name_in_arn(&arn("dial")), Some("dial"));
        assert_eq!(
            name_in_arn("arn:aws:sqs:eu-west-1:123456789012:dial-dead"),
            Some("dial-dead")
        );
        assert_eq!(name_in_arn("arn:aws:sns:eu-west-1:123456789012:dial"), None);
    }
}
