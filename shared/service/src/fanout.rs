//! What the platform itself does about events: the reliable wake-ups. A hint that a handler sent
//! directly may be lost with its process; these come from the table's stream, at least once.

use trunkline_domain::{CallId, CampaignId, Error};
use trunkline_events::{Event, EventKind};
use trunkline_queue::PostCallJob;

use crate::{Ctx, bridging, dialing::steer, realtime, webhooks};

/// Does what follows from an event; repeating is harmless.
///
/// # Errors
/// When a queue or the store does not answer; the record then comes again.
pub async fn follow(ctx: &Ctx, event: &Event) -> Result<(), Error> {
    work(ctx, event).await?;
    webhooks::announce(ctx, event).await
}

/// The platform's own work.
async fn work(ctx: &Ctx, event: &Event) -> Result<(), Error> {
    match event.kind {
        EventKind::CallEnded => {
            let job = PostCallJob::Finish {
                tenant: event.tenant,
                call: CallId(event.subject),
            };
            ctx.queues.post_call(&job, 0).await.map_err(Error::internal)?;
            // The hook that ended the call told it too, unless it died.
            Ok(bridging::caller_left(ctx, CallId(event.subject)).await?)
        }
        EventKind::CampaignStarted | EventKind::CampaignResumed => {
            if let Some(campaign) = ctx
                .store
                .campaign(event.tenant, CampaignId(event.subject))
                .await?
            {
                steer::wake(ctx, &campaign).await;
            }
            Ok(())
        }
        EventKind::CallCreated
        | EventKind::CallUpdated
        | EventKind::CallAnalyzed
        | EventKind::RecordingReady
        | EventKind::TranscriptReady
        | EventKind::CampaignPaused
        | EventKind::CampaignCompleted
        | EventKind::CampaignCancelled
        | EventKind::ImportCompleted
        | EventKind::LeadDnc => Ok(()),
        EventKind::OperatorRung | EventKind::OperatorReleased | EventKind::OperatorStatus => {
            realtime::feed(ctx, event).await
        }
    }
}
