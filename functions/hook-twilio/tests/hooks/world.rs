//! The router, a carrier account that signs, and a campaign that human agents work for.

use std::sync::Arc;

use axum::{
    Router,
    body::{Body, to_bytes},
    http::{Request, StatusCode},
};
use serde_json::json;
use tokio::net::TcpListener;
use tower::ServiceExt;
use trunkline_service::Ctx;
use trunkline_telephony::{HookUrls, Twilio, TwilioConfig, signature};
use trunkline_testing::HumanCampaign;

const TOKEN: &str = "token";
pub(crate) const CALLER: &str = "CAcaller";
pub(crate) const LEG: &str = "CAleg1";

pub(crate) struct World {
    pub(crate) ctx: Ctx,
    pub(crate) of: HumanCampaign,
    router: Router,
}

impl World {
    /// Its number is dialled and rings. Nobody listens where the carrier's API is: what is asked of it is certainly not done, and its
    /// callbacks tell otherwise.
    pub(crate) async fn ringing(people: &[&str]) -> Self {
        Self::ringing_at("http://127.0.0.1:1", people).await
    }

    /// The same with a carrier that does what it is asked.
    pub(crate) async fn with_carrier(people: &[&str]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let router = Router::new().fallback(obey);
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self::ringing_at(&base, people).await
    }

    async fn ringing_at(api_base: &str, people: &[&str]) -> Self {
        let world = trunkline_testing::World::new().await;
        let config = TwilioConfig {
            account_sid: "AC1".into(),
            auth_token: TOKEN.into(),
            api_base: api_base.to_owned(),
            hooks: HookUrls::new(&world.settings.hook_url),
        };
        let ctx = Ctx {
            carrier: Arc::new(Twilio::new(config).unwrap()),
            ..world.ctx()
        };
        let of = HumanCampaign::new(&ctx, &world.db(), people, |_| {}).await;
        of.dial(&ctx).await;
        let world = Self {
            router: hook_twilio::router(ctx.clone()),
            ctx,
            of,
        };
        let rings = world
            .post(&world.url("status"), &[("CallStatus", "ringing")])
            .await;
        assert_eq!(rings.0, StatusCode::OK);
        world
    }

    /// The address of a webhook of the call.
    pub(crate) fn url(&self, hook: &str) -> String {
        format!("/webhooks/twilio/{hook}?callId={}&e=1", self.of.call)
    }

    /// The same of the first human agent's telephone.
    pub(crate) fn of_leg(&self, hook: &str) -> String {
        format!("{}&leg=1", self.url(hook))
    }

    /// The caller's call tells this.
    pub(crate) async fn post(&self, url: &str, fields: &[(&str, &str)]) -> (StatusCode, String) {
        self.signed(url, CALLER, fields).await
    }

    /// A call of the carrier's tells this, signed.
    pub(crate) async fn signed(&self, url: &str, sid: &str, fields: &[(&str, &str)]) -> (StatusCode, String) {
        self.send(url, sid, fields, Some(TOKEN)).await
    }

    /// The same, signed with a token or not at all.
    pub(crate) async fn send(
        &self,
        url: &str,
        sid: &str,
        fields: &[(&str, &str)],
        token: Option<&str>,
    ) -> (StatusCode, String) {
        let own = [("AccountSid", "AC1"), ("CallSid", sid)];
        let form: Vec<(String, String)> = own
            .iter()
            .chain(fields)
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        let body = urlencoded(&form);
        let mut request = Request::post(url).header("content-type", "application/x-www-form-urlencoded");
        if let Some(token) = token {
            let full = format!("{}{url}", self.ctx.settings.hook_url);
            request = request.header("x-twilio-signature", signature::sign(token, &full, &form));
        }
        let request = request.body(Body::from(body)).unwrap();
        let answer = self.router.clone().oneshot(request).await.unwrap();
        let status = answer.status();
        let body = to_bytes(answer.into_body(), 64 * 1024).await.unwrap();
        (status, String::from_utf8(body.to_vec()).unwrap())
    }
}

/// A call, whatever is asked: the human agent's telephone where it is rung, else the caller's.
async fn obey(body: String) -> (StatusCode, String) {
    let sid = if body.contains("agent-answer") {
        LEG
    } else {
        CALLER
    };
    let call = json!({"sid": sid, "status": "queued", "to": "+14155550100", "from": "+15005550006"});
    (StatusCode::CREATED, call.to_string())
}

fn urlencoded(form: &[(String, String)]) -> String {
    url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(form)
        .finish()
}
