//! A platform with human agents, and what it has written of their calls.

use std::ops::Deref;

use serde_json::Value;
use trunkline_domain::{Call, CallId, bridge::Bridge};

use crate::support::{
    api::Api,
    humans::{Desk, SOON},
    platform::Platform,
};

/// People who talk, and wait to be talked to.
pub(crate) const PATIENT: (&str, &str) = ("TRUNKLINE_SIM_TALK_MS", "0");

/// A platform in this process, and a tenant with human agents.
pub(crate) struct Scene {
    pub(crate) platform: Platform,
    desk: Desk,
}

impl Deref for Scene {
    type Target = Desk;
    fn deref(&self) -> &Desk {
        &self.desk
    }
}

impl Scene {
    /// With these human agents, as of [`Desk::of`].
    pub(crate) async fn with(more: &[(&str, &str)], manners: &[Value]) -> Self {
        let platform = Box::pin(Platform::with(more)).await;
        let api = Api::register(&platform.url, "grace").await;
        let desk = Desk::of(api, &platform.sim_url, manners).await;
        Self { platform, desk }
    }

    /// A call's row, and its bridge.
    pub(crate) async fn stored(&self, call: &Value) -> (Call, Option<Bridge>) {
        let id = |field: &str| call[field].as_str().unwrap();
        let (tenant, id): (_, CallId) = (id("tenant_id").parse().unwrap(), id("id").parse().unwrap());
        let store = &self.platform.stack.ctx.store;
        let row = store.call(tenant, id).await.unwrap().unwrap();
        (row, store.bridge(id).await.unwrap())
    }

    /// Waits until nothing of these calls is left over: no phone rings or talks, nobody is held, every bridge is settled.
    pub(crate) async fn clean(&self, calls: &[&Value]) {
        self.down(SOON).await;
        for call in calls {
            self.api
                .until("the bridge is settled", SOON, async |_| {
                    let (row, bridge) = self.stored(call).await;
                    let settled = bridge.as_ref().is_none_or(Bridge::is_settled);
                    (settled && row.status.is_ended()).then_some(())
                })
                .await;
        }
    }

    pub(crate) async fn stop(self) {
        self.platform.stop().await;
    }
}
