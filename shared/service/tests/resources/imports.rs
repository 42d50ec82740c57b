//! Lists of leads: a job that dies anywhere goes on, and tells each row once.

use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicUsize, Ordering},
};

use bytes::Bytes;
use trunkline_domain::{
    Campaign, CampaignId, E164, Error, ImportId, LeadStatus,
    id::derived,
    lead::{BUCKETS, bucket},
};
use trunkline_queue::ImportJob;
use trunkline_service::{
    Ctx,
    campaigns::{self, NewCampaign},
    imports::{self, Import, ImportState, NewImport, receive},
};
use trunkline_testing::{Aws, Fault, Queue, World};

use crate::world::user;

/// A platform whose tables a test may break.
struct Place {
    world: World,
    ctx: Ctx,
    aws: Aws,
    campaign: Campaign,
}

impl Place {
    async fn new() -> Self {
        let world = World::new().await;
        let aws = Aws::start().await;
        let mut ctx = world.ctx();
        aws.wire(&mut ctx);
        let new = NewCampaign {
            name: "Lists".to_owned(),
            ..NewCampaign::default()
        };
        let id = CampaignId(derived("campaign"));
        let campaign = campaigns::create(&ctx, &user(), id, new).await.unwrap();
        Self {
            world,
            ctx,
            aws,
            campaign,
        }
    }

    async fn start(&self, name: &str, file: &str) -> Import {
        self.try_start(name, file).await.unwrap()
    }

    async fn try_start(&self, name: &str, file: &str) -> Result<Import, Error> {
        let id = ImportId(derived(name));
        // In pieces that end anywhere.
        let pieces: Vec<_> = file
            .as_bytes()
            .chunks(40_001)
            .map(|piece| Ok(Bytes::copy_from_slice(piece)))
            .collect();
        let file = receive(&self.ctx, user().tenant, id, futures::stream::iter(pieces)).await?;
        let new = NewImport {
            id,
            campaign: self.campaign.id,
            mapping: std::collections::BTreeMap::new(),
            file,
        };
        imports::start(&self.ctx, &user(), new).await
    }

    /// A process of its own, whose connection to the tables breaks for good at this request; the broken one may have been carried out.
    fn doomed(&self, after: usize, last: Fault) -> (Ctx, Arc<AtomicBool>) {
        let (asked, dead) = (AtomicUsize::new(0), Arc::new(AtomicBool::new(false)));
        let is_dead = Arc::clone(&dead);
        let store = self.world.store_watched(Box::new(move |_, _| {
            let asked = asked.fetch_add(1, Ordering::Relaxed);
            if asked < after {
                return Fault::None;
            }
            if is_dead.swap(true, Ordering::Relaxed) {
                Fault::Before
            } else {
                last
            }
        }));
        let ctx = Ctx {
            store,
            ..self.ctx.clone()
        };
        (ctx, dead)
    }

    /// What the clock and the queue bring about.
    async fn finish(&self, import: &Import) -> Import {
        for _ in 0..10 {
            self.world.clock.turn(chrono::Duration::minutes(2));
            imports::wake_due(&self.ctx).await.unwrap();
            for item in self.aws.take(Queue::Import).await {
                let ImportJob::Run { tenant, import } = item.read().unwrap();
                imports::work(&self.ctx, tenant, import).await.unwrap();
            }
            let now = imports::get(&self.ctx, &user(), import.id).await.unwrap();
            if now.state == ImportState::Completed {
                return now;
            }
        }
        panic!("it never ends");
    }

    async fn pending(&self) -> i64 {
        let slots = self.ctx.store.slots(self.campaign.id).await.unwrap();
        assert!(
            slots.iter().all(|slot| slot.imports == 0),
            "the campaign is let go of"
        );
        slots.iter().map(|slot| slot.n_pending).sum()
    }
}

const ROWS: usize = 4_300;

/// A list of 4,300 rows: each 100th is wrong, each 70th repeats one far above it, each 90th is not to be called. And what is to come of
/// them: all, wrong ones, repeated ones, those not to be called, new leads.
fn list() -> (String, [u64; 5]) {
    let mut text = "phone,first_name,do_not_call\n".to_owned();
    let (mut invalid, mut duplicates, mut dnc) = (0, 0, 0);
    let mut good = Vec::new();
    for n in 0..ROWS {
        if n % 100 == 99 {
            text.push_str("nobody,x,\n");
            invalid += 1;
        } else if n % 90 == 89 {
            text.push_str(&format!("+1416{n:07},never,yes\n"));
            dnc += 1;
        } else if n % 70 == 69 {
            let above: usize = good[good.len() / 2];
            text.push_str(&format!("+1415{above:07},again,\n"));
            duplicates += 1;
        } else {
            text.push_str(&format!("+1415{n:07},Ada,\n"));
            good.push(n);
        }
    }
    let total = u64::try_from(ROWS).unwrap();
    (
        text,
        [
            total,
            invalid,
            duplicates,
            dnc,
            total - invalid - duplicates - dnc,
        ],
    )
}

fn told(import: &Import) -> [u64; 5] {
    let counts = &import.counts;
    [
        counts.total,
        counts.invalid,
        counts.duplicates,
        counts.dnc,
        counts.inserted,
    ]
}

#[tokio::test]
async fn a_job_that_dies_anywhere_goes_on_and_tells_each_row_once() {
    let (list, wanted) = list();
    // Before the first write, within the first piece, at its checkpoint, within later ones, and at the end.
    for (after, last) in [
        (1, Fault::Before),
        (9, Fault::AfterLost),
        (33, Fault::Before),
        (61, Fault::AfterLost),
        (75, Fault::Before),
        (90, Fault::AfterLost),
        (131, Fault::Before),
        (160, Fault::AfterLost),
    ] {
        let place = Place::new().await;
        let import = place.start("list", &list).await;
        assert_eq!(import.state, ImportState::Queued);
        place.aws.take(Queue::Import).await;
        let (doomed, dead) = place.doomed(after, last);
        let broke = imports::work(&doomed, import.tenant, import.id).await;
        assert!(broke.is_err(), "it died after {after} requests");
        assert!(dead.load(Ordering::Relaxed));
        let import = place.finish(&import).await;
        assert_eq!(told(&import), wanted, "died after {after} requests: {last:?}");
        let pending = u64::try_from(place.pending().await).unwrap();
        assert_eq!(pending, wanted[4], "leads are counted as often as they are there");
        let errors = imports::errors(&place.ctx, &import).await.unwrap();
        let rows: Vec<u64> = errors.iter().map(|error| error.row).collect();
        let wrong: Vec<u64> = (0..43).map(|n| n * 100 + 101).collect();
        assert_eq!(rows, wrong);
        assert!(
            place.aws.keys("imports/").await.is_empty(),
            "the file is not kept"
        );
    }
}

#[tokio::test]
async fn a_finished_list_imported_again_calls_nobody() {
    let place = Place::new().await;
    let list: String = (0..600).map(|n| format!("+1415555{n:04}\n")).collect();
    let list = format!("phone\n{list}");
    let first = place.start("first", &list).await;
    assert_eq!(
        (first.state, first.counts.inserted),
        (ImportState::Completed, 600)
    );
    for n in 0..600 {
        let phone: E164 = format!("+1415555{n:04}").parse().unwrap();
        let lead = place
            .ctx
            .store
            .lead_by_number(user().tenant, place.campaign.id, &phone)
            .await
            .unwrap()
            .unwrap();
        let done = trunkline_domain::Lead {
            status: LeadStatus::Completed,
            due_at: None,
            version: lead.version + 1,
            ..lead
        };
        let shard = bucket(&phone) % place.campaign.shards;
        place
            .ctx
            .store
            .move_lead(&done, LeadStatus::Pending, shard)
            .await
            .unwrap();
    }
    let second = place.start("second", &list).await;
    assert_eq!(told(&second), [600, 0, 600, 0, 0]);
    assert_eq!(place.pending().await, 0);
    let now = place.ctx.now() + chrono::Duration::days(1);
    let ready = place
        .ctx
        .store
        .ready_leads(
            user().tenant,
            place.campaign.id,
            0..BUCKETS,
            &["z:America/Los_Angeles".to_owned()],
            now,
            100,
        )
        .await
        .unwrap();
    assert!(ready.leads.is_empty(), "nobody waits to be dialled");
}

#[tokio::test]
async fn what_its_campaign_becomes_meanwhile_ends_an_import_and_is_said() {
    let place = Place::new().await;
    let (list, _) = list();
    let import = place.start("list", &list).await;
    trunkline_service::dialing::steer::launch(&place.ctx, &user(), place.campaign.id)
        .await
        .unwrap_err();
    let over = Campaign {
        state: trunkline_domain::CampaignState::Cancelled,
        version: place.campaign.version + 1,
        ..place.campaign.clone()
    };
    place.ctx.store.update_campaign(&over, None).await.unwrap();
    imports::work(&place.ctx, import.tenant, import.id).await.unwrap();
    let import = imports::get(&place.ctx, &user(), import.id).await.unwrap();
    assert_eq!(import.state, ImportState::Failed);
    assert!(import.reason.as_deref().unwrap().contains("cancelled"));
    assert_eq!(place.pending().await, 0);
    assert!(place.aws.keys("imports/").await.is_empty());
}

#[tokio::test]
async fn an_import_that_cannot_go_on_ends_and_says_so() {
    let place = Place::new().await;
    let (list, _) = list();
    let import = place.start("list", &list).await;
    for key in place.aws.keys("imports/").await {
        place.ctx.blobs.delete(&key).await.unwrap();
    }
    imports::work(&place.ctx, import.tenant, import.id).await.unwrap();
    let import = imports::get(&place.ctx, &user(), import.id).await.unwrap();
    assert_eq!(import.state, ImportState::Failed);
    assert!(import.reason.as_deref().unwrap().contains("upload it again"));
}

#[tokio::test]
async fn while_one_works_at_it_another_leaves_it_alone() {
    let place = Place::new().await;
    let (list, wanted) = list();
    let import = place.start("list", &list).await;
    let at_once = (0..3).map(|_| imports::work(&place.ctx, import.tenant, import.id));
    for done in futures::future::join_all(at_once).await {
        done.unwrap();
    }
    let import = imports::get(&place.ctx, &user(), import.id).await.unwrap();
    assert_eq!((import.state, told(&import)), (ImportState::Completed, wanted));
    assert_eq!(u64::try_from(place.pending().await).unwrap(), wanted[4]);
}

#[tokio::test]
async fn a_rerun_of_a_request_finds_what_the_first_run_began() {
    let place = Place::new().await;
    let (list, wanted) = list();
    let first = place.start("same", &list).await;
    let again = place.start("same", &list).await;
    assert_eq!(first.id, again.id);
    let files = place.aws.keys("imports/").await;
    assert_eq!(files, std::slice::from_ref(&first.file), "one file is kept");
    let import = place.finish(&first).await;
    assert_eq!(told(&import), wanted);
}
