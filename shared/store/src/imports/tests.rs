use chrono::Duration;
use trunkline_domain::{Campaign, CampaignState, ImportId, Instant, Lead, LeadId, UserId, id::derived};
use trunkline_events::{Event, EventKind};

use super::{Import, ImportCounts, ImportState, NotBegun, RowList, RowResult, StoredRowError};
use crate::{
    Store,
    testing::{at, campaign, lead, store, tenant},
};

fn now() -> Instant {
    at("2026-11-23T10:00:00Z")
}

fn import(campaign: &Campaign) -> Import {
    Import {
        id: ImportId(derived("import")),
        tenant: campaign.tenant,
        campaign: campaign.id,
        created_by: UserId(derived("user")),
        file: "imports/a.csv".to_owned(),
        bytes: 1,
        rows: 500,
        mapping: [("Cell".to_owned(), "phone".to_owned())].into(),
        country: None,
        state: ImportState::Queued,
        reason: None,
        counts: ImportCounts::default(),
        errors: 0,
        tries: 0,
        held_until: None,
        look_at: now(),
        version: 1,
        created_at: now(),
        updated_at: now(),
        finished_at: None,
    }
}

async fn active() -> (Store, Campaign) {
    let store = store().await;
    let campaign = Campaign {
        state: CampaignState::Active,
        ..campaign("a")
    };
    store.create_campaign(&campaign).await.unwrap();
    (store, campaign)
}

fn ended(import: &Import) -> (Import, Event) {
    let over = Import {
        state: ImportState::Completed,
        version: import.version + 1,
        ..import.clone()
    };
    let event = Event::new(
        EventKind::ImportCompleted,
        over.tenant,
        over.id.0,
        over.version,
        now(),
    );
    (over, event)
}

async fn completes(store: &Store, campaign: &Campaign) -> bool {
    let done = Campaign {
        state: CampaignState::Completed,
        version: campaign.version + 1,
        ..campaign.clone()
    };
    let event = Event::new(
        EventKind::CampaignCompleted,
        done.tenant,
        done.id.0,
        done.version,
        now(),
    );
    store.complete_campaign(&done, &event).await.unwrap()
}

#[tokio::test]
async fn a_campaign_is_not_over_while_a_list_comes_in() {
    let (store, campaign) = active().await;
    let import = import(&campaign);
    store.create_import(&import).await.unwrap();
    assert!(!completes(&store, &campaign).await);
    let left = store.delete_campaign(&campaign).await.unwrap_err();
    assert!(left.is_condition());
    let (over, event) = ended(&import);
    store.end_import(&over, &event).await.unwrap();
    assert!(
        store.end_import(&over, &event).await.unwrap_err().is_condition(),
        "it ends once"
    );
    assert!(completes(&store, &campaign).await);
}

#[tokio::test]
async fn a_campaign_that_is_over_takes_no_list() {
    let (store, campaign) = active().await;
    assert!(completes(&store, &campaign).await);
    let refused = store.create_import(&import(&campaign)).await.unwrap_err();
    assert!(matches!(refused, NotBegun::Over), "{refused}");
    let gone = crate::testing::campaign("nowhere");
    let refused = store.create_import(&import(&gone)).await.unwrap_err();
    assert!(matches!(refused, NotBegun::Over), "{refused}");
}

#[tokio::test]
async fn an_import_is_begun_once_and_read_by_its_tenant_only() {
    let (store, campaign) = active().await;
    let import = import(&campaign);
    store.create_import(&import).await.unwrap();
    let again = store.create_import(&import).await.unwrap_err();
    assert!(matches!(again, NotBegun::Exists), "{again}");
    assert_eq!(
        store.import(tenant(), import.id).await.unwrap(),
        Some(import.clone())
    );
    let other = trunkline_domain::TenantId(derived("other"));
    assert_eq!(store.import(other, import.id).await.unwrap(), None);
}

#[tokio::test]
async fn the_clock_finds_an_unfinished_import_once_its_time_has_come() {
    let (store, campaign) = active().await;
    let mut import = import(&campaign);
    store.create_import(&import).await.unwrap();
    import.version += 1;
    import.look_at = now() + Duration::minutes(1);
    store.update_import(&import).await.unwrap();
    assert!(
        store.update_import(&import).await.unwrap_err().is_condition(),
        "one writes a version"
    );
    assert!(store.due_imports(now(), 10).await.unwrap().is_empty());
    let later = now() + Duration::minutes(2);
    let due = store.due_imports(later, 10).await.unwrap();
    assert_eq!(due, [(tenant(), import.id)]);
    let (over, event) = ended(&import);
    store.end_import(&over, &event).await.unwrap();
    assert!(store.due_imports(later, 10).await.unwrap().is_empty());
}

#[tokio::test]
async fn what_was_wrong_is_kept_in_order_and_once() {
    let (store, campaign) = active().await;
    let mut import = import(&campaign);
    let wrong = |row| StoredRowError {
        row,
        field: "phone".to_owned(),
        value: "x".to_owned(),
        error: "is no number".to_owned(),
        result: RowResult::Invalid,
    };
    let first: Vec<_> = (2..452).map(wrong).collect();
    for _ in 0..2 {
        store
            .put_import_errors(&import, RowList::Wrong, &first)
            .await
            .unwrap();
    }
    import.counts.total = 1_000;
    store
        .put_import_errors(&import, RowList::Wrong, &[wrong(2_000)])
        .await
        .unwrap();
    // The other list is none of it.
    store
        .put_import_errors(&import, RowList::PassedOver, &[wrong(1_500)])
        .await
        .unwrap();
    let (mut found, mut place) = (Vec::new(), None);
    loop {
        let (more, next) = store
            .import_errors(import.id, RowList::Wrong, place.as_deref(), 2, now())
            .await
            .unwrap();
        found.extend(more);
        place = next;
        if place.is_none() {
            break;
        }
    }
    assert_eq!(found, first.into_iter().chain([wrong(2_000)]).collect::<Vec<_>>());
    let after = now() + Duration::days(31);
    assert!(
        store
            .import_errors(import.id, RowList::Wrong, None, 9, after)
            .await
            .unwrap()
            .0
            .is_empty()
    );
}

#[tokio::test]
async fn leads_that_are_there_are_told_apart_from_those_that_others_are() {
    let (store, campaign) = active().await;
    let leads: Vec<Lead> = (0..300)
        .map(|n| lead(&campaign, &format!("+1415555{n:04}")))
        .collect();
    let some = store.insert_leads(&campaign, &leads[..150]).await.unwrap();
    assert_eq!(some.inserted, 150);
    let all = store.insert_leads(&campaign, &leads).await.unwrap();
    assert_eq!((all.inserted, all.duplicates.len()), (300, 0), "a repetition");
    let others: Vec<Lead> = leads
        .iter()
        .map(|lead| Lead {
            id: LeadId(derived(&format!("other {}", lead.id))),
            ..lead.clone()
        })
        .collect();
    let others = store.insert_leads(&campaign, &others).await.unwrap();
    assert_eq!((others.inserted, others.duplicates.len()), (0, 300));
    let slot = store.slot(campaign.id, 0).await.unwrap().unwrap();
    assert_eq!(
        (slot.open_leads, slot.n_pending),
        (300, 300),
        "each is counted once"
    );
}

#[tokio::test]
async fn long_leads_fit_into_a_transaction() {
    let (store, campaign) = active().await;
    let mut leads: Vec<Lead> = (0..120)
        .map(|n| lead(&campaign, &format!("+1415555{n:04}")))
        .collect();
    for lead in &mut leads {
        lead.notes = Some("é".repeat(5_000));
        lead.custom_fields
            .insert("long".to_owned(), "x".repeat(15_000).into());
        lead.custom_fields
            .insert("more".to_owned(), "y".repeat(900).into());
    }
    let done = store.insert_leads(&campaign, &leads).await.unwrap();
    assert_eq!(done.inserted, 120);
}
