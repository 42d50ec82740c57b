//! Callbacks that are not the carrier's: nobody is told anything, and nothing changes.

use std::time::Duration;

use crate::support::{
    api::Api,
    carrier::{Callback, RINGS_LONG, TOKEN, ring},
    logs,
    platform::Platform,
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn unsigned_altered_and_foreign_webhooks_change_nothing() {
    logs::listen();
    let platform = Platform::with(&[RINGS_LONG]).await;
    let (url, sim) = (platform.url.clone(), platform.sim_url.clone());
    let api = Api::register(&url, "ada").await;
    let ringing = ring(&api, &sim, "+14155550101").await;
    let record = format!("/call-logs/{}", ringing.call);
    let before = api.get(&record).await;

    let busy = Callback::about(
        &ringing,
        "status",
        &[("CallStatus", "busy"), ("CallDuration", "0")],
    );
    let signed = busy.signature(&url, TOKEN);
    let answer = Callback::about(&ringing, "answer", &[("CallStatus", "in-progress")]);
    let foreign = busy.with("AccountSid", "AC11111111111111111111111111111111");
    let moved = Callback {
        path: busy.path.replace("e=1", "e=2"),
        ..busy.clone()
    };
    for (what, callback, signature, why) in [
        ("unsigned", busy.clone(), None, "no signature"),
        ("an answer, unsigned", answer.clone(), None, "no signature"),
        (
            "an altered form",
            busy.with("CallStatus", "failed"),
            Some(signed.clone()),
            "does not match",
        ),
        ("an altered URL", moved, Some(signed.clone()), "does not match"),
        (
            "another token's",
            busy.clone(),
            Some(busy.signature(&url, "another token")),
            "does not match",
        ),
        (
            "another account's, signed by it",
            foreign.clone(),
            Some(foreign.signature(&url, "another token")),
            "another account",
        ),
        (
            "another account's, well signed",
            foreign.clone(),
            Some(foreign.signature(&url, TOKEN)),
            "another account",
        ),
    ] {
        let heard = callback.send(&url, signature.as_deref()).await;
        assert_eq!(heard, (403, String::new()), "{what}");
        let path = callback.path.split_once('?').unwrap().0;
        logs::line_with(&["a webhook was refused", why, path, &ringing.call]).await;
    }
    assert_eq!(api.get(&record).await["data"], before["data"]);

    // The carrier's own is heard, and ends it: the rest would have done so too.
    let heard = busy.send(&url, Some(&signed)).await;
    assert_eq!(heard, (200, String::new()));
    api.until("the call's end", Duration::from_secs(10), async |api| {
        (api.get(&record).await["status"] == "busy").then_some(())
    })
    .await;
    let stats = api.get(&format!("/campaigns/{}/stats", ringing.campaign)).await;
    assert_eq!(
        (stats["calls_made"].as_u64(), stats["busy"].as_u64()),
        (Some(1), Some(1)),
        "{stats}"
    );
    platform.stop().await;
}
