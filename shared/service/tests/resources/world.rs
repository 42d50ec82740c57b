//! A platform with a bucket and queues, and the tenant that tests are about.

use std::sync::Arc;

use trunkline_auth::Principal;
use trunkline_domain::{Role, SessionId, TenantId, UserId, id::derived};
use trunkline_service::{
    Ctx,
    identity::{NewUser, register},
};
use trunkline_testing::{Aws, PASSWORD, Queue, TurnedClock};

pub(crate) struct World {
    pub(crate) ctx: Ctx,
    pub(crate) clock: Arc<TurnedClock>,
    aws: Aws,
}

pub(crate) fn somebody(tenant: &str, role: Role) -> Principal {
    Principal {
        user: UserId(derived(&format!("{tenant}'s user"))),
        tenant: TenantId(derived(tenant)),
        role,
        session: SessionId(derived("session")),
        email: "somebody@example.com".to_owned(),
    }
}

/// A user of the tenant that tests are about.
pub(crate) fn user() -> Principal {
    somebody("tenant", Role::User)
}

impl World {
    pub(crate) async fn new() -> Self {
        let world = trunkline_testing::World::new().await;
        world.clock.set("2026-11-22T10:00:00Z".parse().unwrap());
        let aws = Aws::start().await;
        let mut ctx = world.ctx();
        aws.wire(&mut ctx);
        found(&ctx).await;
        Self {
            ctx,
            clock: world.clock,
            aws,
        }
    }

    pub(crate) fn forward(&self, seconds: i64) {
        self.clock.turn(chrono::Duration::seconds(seconds));
    }

    /// How many messages wait for job-post-call, those that are to come later included.
    pub(crate) async fn post_calls(&self) -> i64 {
        self.aws.waiting(Queue::PostCall).await
    }
}

/// The tenant that tests are about: only one that was granted its calls may dial.
pub(crate) async fn found(ctx: &Ctx) {
    let founder = NewUser {
        email: "founder@example.com".to_owned(),
        password: PASSWORD.to_owned(),
        first_name: "Ada".to_owned(),
        last_name: "Lovelace".to_owned(),
        phone: None,
        role: None,
        tenant: Some(user().tenant),
        invitation: None,
    };
    register(ctx, None, founder).await.unwrap();
}
