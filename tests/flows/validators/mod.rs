//! Twilio's own packages, for Python and for Node, as the other side of the wire: they take the simulator's signatures and ours for the
//! carrier's, we take theirs, and the documents that we answer with are those that they write.

mod captured;
mod documents;

use serde_json::{Value, json};
use trunkline_carrier_sim::SimOptions;
use trunkline_telephony::signature;

use crate::support::{carrier::TOKEN, node::Node, python::Python};

const PYTHON: &str = include_str!("../../support/twilio/sdk.py");
const NODE: &str = include_str!("../../support/twilio/sdk.js");

/// Both of Twilio's packages.
struct Sdks {
    python: Python,
    node: Node,
}

impl Sdks {
    async fn get() -> Self {
        Self {
            python: Python::with(&["twilio==9.13.0"]).await,
            node: Node::with(&["twilio@6.2.0"]).await,
        }
    }

    /// What each of them says, by its name.
    async fn ask(&self, question: &Value) -> [(&'static str, Value); 2] {
        let (python, node) = tokio::join!(self.python.ask(PYTHON, question), self.node.ask(NODE, question));
        [("python", python), ("node", node)]
    }

    /// Each request's verdict and signature, of each.
    async fn judge(&self, token: &str, requests: &[Request]) -> Vec<(&'static str, Vec<Value>)> {
        let requests: Vec<Value> = requests.iter().map(Request::told).collect();
        let question = json!({"do": "requests", "token": token, "requests": requests});
        let said = self.ask(&question).await.into_iter();
        said.map(|(who, said)| (who, said.as_array().unwrap().clone()))
            .collect()
    }

    /// Which of the requests are the carrier's, to both of them.
    async fn accept(&self, requests: &[Request]) -> Vec<bool> {
        let mut said = self.judge(TOKEN, requests).await.into_iter().map(|(_, said)| {
            let valid = said.iter().map(|answer| answer["valid"].as_bool().unwrap());
            valid.collect::<Vec<_>>()
        });
        let (python, node) = (said.next().unwrap(), said.next().unwrap());
        assert_eq!(python, node, "the packages disagree");
        python
    }
}

/// A signed request.
#[derive(Debug, Clone)]
struct Request {
    url: String,
    params: Vec<(String, String)>,
    signature: String,
}

impl Request {
    /// One that we sign.
    fn of(url: &str, params: &[(&str, &str)]) -> Self {
        let params: Vec<(String, String)> = params
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        Self {
            url: url.to_owned(),
            signature: signature::sign(TOKEN, url, &params),
            params,
        }
    }

    fn told(&self) -> Value {
        json!({"url": self.url, "params": self.params, "signature": self.signature})
    }

    /// Whether it is the carrier's to us.
    fn is_ours(&self) -> bool {
        signature::verify(TOKEN, &self.url, &self.params, &self.signature)
    }

    /// The same with something changed on the way.
    fn altered(&self) -> Vec<Self> {
        let mut forms = Vec::new();
        let mut more = self.clone();
        more.params.push(("CallStatus".to_owned(), "altered".to_owned()));
        forms.push(more);
        if let Some((_, value)) = self.params.first() {
            let mut other = self.clone();
            other.params[0].1 = format!("{value}0");
            forms.push(other);
            let mut fewer = self.clone();
            let dropped = fewer.params.remove(0);
            // Of a parameter that came twice with one value, one is as good.
            if !fewer.params.contains(&dropped) {
                forms.push(fewer);
            }
        }
        let mut elsewhere = self.clone();
        elsewhere
            .url
            .push_str(if self.url.contains('?') { "&e=2" } else { "?e=2" });
        forms.push(elsewhere);
        let mut unsigned = self.clone();
        unsigned.signature = signature::sign("another token", &self.url, &self.params);
        forms.push(unsigned);
        forms
    }
}

/// Every shape of address and form that a callback of ours may have.
fn shapes() -> Vec<Request> {
    let call = [
        ("AccountSid", SimOptions::ACCOUNT_SID),
        ("CallSid", "CA1234567890abcdef"),
        ("From", "+14155551234"),
        ("To", "+14155552671"),
    ];
    let path = "/webhooks/twilio/status?callId=0192a8de&e=1";
    let mut shapes: Vec<Request> = [
        "https://calls.example.com",
        "https://calls.example.com:443",
        "https://calls.example.com:8443",
        "http://calls.example.com",
        "http://calls.example.com:80",
        "http://127.0.0.1:8000",
        "http://10.0.0.7",
        "http://[::1]:8000",
    ]
    .iter()
    .map(|base| Request::of(&format!("{base}{path}"), &call))
    .collect();
    let base = "https://calls.example.com/webhooks/twilio/answer";
    shapes.extend([
        Request::of(base, &call),
        Request::of(&format!("{base}?a=&b&c=%20%C3%A9+x&c=2"), &call),
        Request::of(base, &[]),
        Request::of(base, &[("Digits", ""), ("ErrorMessage", ""), ("A", "1")]),
        Request::of(
            base,
            &[
                ("Digits", "5"),
                ("Digits", "1"),
                ("Digits", "5"),
                ("DigitsToo", "1"),
            ],
        ),
        Request::of(
            base,
            &[
                ("CallerName", "Zoë Müller"),
                ("Ort", "東京 & más"),
                ("ä", "b=c&d"),
            ],
        ),
        Request::of(
            base,
            &[("Text", "line\r\nbreak\ttab %41 +"), ("b", "2"), ("B", "1")],
        ),
    ]);
    shapes
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_we_sign_they_accept_and_what_was_altered_they_refuse() {
    let sdks = Sdks::get().await;
    let good = shapes();
    assert_eq!(sdks.accept(&good).await, vec![true; good.len()]);
    let altered: Vec<Request> = good.iter().flat_map(Request::altered).collect();
    let accepted = sdks.accept(&altered).await;
    for (request, accepted) in altered.iter().zip(accepted) {
        assert_eq!((accepted, request.is_ours()), (false, false), "{request:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_they_sign_we_accept_and_it_is_what_we_would_sign() {
    let sdks = Sdks::get().await;
    let good = shapes();
    for (who, said) in sdks.judge(TOKEN, &good).await {
        for (request, said) in good.iter().zip(said) {
            let signed = said["signed"].as_str().unwrap();
            assert_eq!(signed, request.signature, "{who}: {request:?}");
            assert!(
                signature::verify(TOKEN, &request.url, &request.params, signature_of(&said)),
                "{who}: {request:?}"
            );
        }
    }
    // Proxies add and drop the scheme's own port: signed with it, asked for without it, and the other way round.
    let (with, without) = (
        "https://calls.example.com:443/a?b=1",
        "https://calls.example.com/a?b=1",
    );
    for (who, said) in sdks
        .judge(TOKEN, &[Request::of(with, &[]), Request::of(without, &[])])
        .await
    {
        for (url, said) in [without, with].into_iter().zip(&said) {
            assert!(
                signature::verify(TOKEN, url, &[], signature_of(said)),
                "{who}: {url}"
            );
        }
    }
}

fn signature_of(said: &Value) -> &str {
    said["signed"].as_str().unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_body_that_is_no_form_is_vouched_for_by_its_digest() {
    const BODY: &str = r#"{"property": "Zoë", "boolean": true}"#;
    // SHA-256 of the body, by another's hand.
    const DIGEST: &str = "0984cfe8bc0136581f76b16d893bb5a80c66037b52bc8217e77a04197046a26b";
    let sdks = Sdks::get().await;
    let url = format!("https://calls.example.com/webhooks/twilio/status?callId=1&bodySHA256={DIGEST}");
    let signature = signature::sign(TOKEN, &url, &[]);
    assert!(signature::verify_body(TOKEN, &url, BODY.as_bytes(), &signature));
    let asked = |body: &str| {
        let request = json!({"url": url, "body": body, "signature": signature});
        json!({"do": "requests", "token": TOKEN, "requests": [request]})
    };
    for (who, said) in sdks.ask(&asked(BODY)).await {
        assert_eq!(said[0], json!({"valid": true, "signed": signature}), "{who}");
    }
    for (who, said) in sdks.ask(&asked("{}")).await {
        assert_eq!(said[0]["valid"], false, "{who}");
    }
}
