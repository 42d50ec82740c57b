//! A platform to ask: functions' routers, and users with tokens.

use aide::axum::ApiRouter;
use axum::{Router, body::Body};
use serde_json::Value;
use trunkline_auth::Principal;
use trunkline_domain::Role;
use trunkline_http::HttpOptions;
use trunkline_service::{
    Ctx,
    identity::{self, NewUser},
};

use crate::{Answer, Instance, World, requests::ask_of};

/// Everybody's password.
pub const PASSWORD: &str = "correct horse";

/// One instance over a world of its own, and what its services are given.
pub struct Platform {
    /// The tables and the clock.
    pub world: World,
    /// What services are given.
    pub ctx: Ctx,
    /// The OpenAPI document.
    pub document: Value,
    router: Router,
}

impl Platform {
    /// A platform that serves these routes; queues, bucket and carrier are down.
    pub async fn new(router: ApiRouter<Ctx>) -> Self {
        Self::with(router, |_| {}).await
    }

    /// With parts of its own in place of those that are down.
    pub async fn with(router: ApiRouter<Ctx>, change: impl FnOnce(&mut Ctx)) -> Self {
        let world = World::new().await;
        let mut ctx = world.ctx();
        change(&mut ctx);
        let instance = Instance::new(ctx.clone(), HttpOptions::default(), router);
        Self {
            world,
            ctx,
            router: instance.router().clone(),
            document: instance.document,
        }
    }

    /// The manager of a tenant of their own.
    pub async fn manager(&self, name: &str) -> Client {
        self.register(None, name, None).await
    }

    /// Somebody else of a manager's tenant.
    pub async fn colleague(&self, manager: &Client, name: &str, role: Role) -> Client {
        self.register(Some(&manager.who), name, Some(role)).await
    }

    async fn register(&self, by: Option<&Principal>, name: &str, role: Option<Role>) -> Client {
        let new = NewUser {
            email: format!("{name}@example.com"),
            password: PASSWORD.into(),
            first_name: name.into(),
            last_name: "Doe".into(),
            phone: None,
            role,
            tenant: by.map(|by| by.tenant),
            invitation: None,
        };
        let user = identity::register(&self.ctx, by, new).await.unwrap();
        let token = identity::start_session(&self.ctx, &user).await.unwrap().access;
        self.client(token).await
    }

    /// The platform's first admin.
    pub async fn admin(&self) -> Client {
        let made = identity::ensure_admin(&self.ctx, Some("root@example.com"), Some(PASSWORD)).await;
        assert!(made.unwrap().is_some(), "there is an admin already");
        self.login("root@example.com").await
    }

    /// Somebody's login, over again.
    pub async fn login(&self, email: &str) -> Client {
        let login = identity::login(&self.ctx, email, PASSWORD).await;
        self.client(login.unwrap().1.access).await
    }

    async fn client(&self, token: String) -> Client {
        Client {
            who: identity::authenticate(&self.ctx, &token).await.unwrap(),
            token,
            router: self.router.clone(),
        }
    }

    /// Somebody without a token.
    #[must_use]
    pub fn nobody(&self, like: &Client) -> Client {
        Client {
            token: String::new(),
            who: like.who.clone(),
            router: self.router.clone(),
        }
    }
}

/// A user with a token.
#[derive(Clone)]
pub struct Client {
    /// Sent with each request, unless it is empty.
    pub token: String,
    /// Whose it is.
    pub who: Principal,
    router: Router,
}

impl Client {
    /// `ask` is method and path; headers are `name: value`.
    pub async fn send(&self, ask: &str, headers: &[&str], body: impl Into<Body>) -> Answer {
        let token = crate::bearer(&self.token);
        let headers = token.iter().map(String::as_str).chain(headers.iter().copied());
        ask_of(&self.router, ask, headers, body).await
    }

    /// `GET`.
    pub async fn get(&self, path: &str) -> Answer {
        self.send(&format!("GET {path}"), &[], Body::empty()).await
    }

    /// `DELETE`.
    pub async fn delete(&self, path: &str) -> Answer {
        self.send(&format!("DELETE {path}"), &[], Body::empty()).await
    }

    /// `POST` of JSON.
    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.send(&format!("POST {path}"), &[], body.to_string()).await
    }

    /// `PUT` of JSON.
    pub async fn put(&self, path: &str, body: Value) -> Answer {
        self.send(&format!("PUT {path}"), &[], body.to_string()).await
    }

    /// `PUT` of JSON, if it still is as this entity tag says.
    pub async fn put_if(&self, path: &str, tag: &str, body: Value) -> Answer {
        let tag = format!("if-match: {tag}");
        self.send(&format!("PUT {path}"), &[&tag], body.to_string()).await
    }
}
