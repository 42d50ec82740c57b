use std::collections::BTreeSet;

use chrono::Duration;

use super::*;
use crate::testing::{campaign, lead, store, tenant};

/// A campaign of `count` leads, of which each two were made in the same second, every third one a failed one.
async fn world(count: u32) -> (Store, Campaign, Vec<Lead>) {
    let store = store().await;
    let campaign = campaign("a");
    store.create_campaign(&campaign).await.unwrap();
    let leads: Vec<Lead> = (0..count)
        .map(|n| Lead {
            created_at: campaign.created_at + Duration::seconds(i64::from(n / 2)),
            ..lead(&campaign, &format!("+1415555{n:04}"))
        })
        .collect();
    store.insert_leads(&campaign, &leads).await.unwrap();
    let mut now = Vec::new();
    for (n, lead) in leads.into_iter().enumerate() {
        now.push(if n % 3 == 0 {
            fail(&store, lead).await
        } else {
            lead
        });
    }
    now.sort_by_key(|lead| std::cmp::Reverse(Position::of(lead.created_at, lead.id)));
    (store, campaign, now)
}

async fn fail(store: &Store, lead: Lead) -> Lead {
    let failed = Lead {
        status: LeadStatus::Failed,
        due_at: None,
        version: lead.version + 1,
        ..lead
    };
    store.move_lead(&failed, LeadStatus::Pending, 0).await.unwrap();
    failed
}

fn query(skip: u32, limit: u32, cursor: Option<String>) -> PageQuery {
    PageQuery { skip, limit, cursor }
}

#[tokio::test]
async fn leads_are_listed_newest_first_whatever_their_status_and_place() {
    let (store, campaign, leads) = world(20).await;
    let page = store
        .list_leads(tenant(), &campaign, None, &query(0, 100, None))
        .await
        .unwrap();
    assert_eq!(page.items, leads);
    assert_eq!((page.total, page.next_cursor), (20, None));

    let failed: Vec<Lead> = leads
        .iter()
        .filter(|lead| lead.status == LeadStatus::Failed)
        .cloned()
        .collect();
    let status = Some(LeadStatus::Failed);
    let page = store
        .list_leads(tenant(), &campaign, status, &query(0, 3, None))
        .await
        .unwrap();
    assert_eq!((page.items, page.total), (failed[..3].to_vec(), 7));
}

#[tokio::test]
async fn pages_by_cursor_and_by_skip_hold_each_lead_once() {
    let (store, campaign, leads) = world(20).await;
    let mut seen = Vec::new();
    let mut cursor = None;
    for _ in 0..4 {
        let page = store
            .list_leads(tenant(), &campaign, None, &query(0, 5, cursor))
            .await
            .unwrap();
        let skipped = u32::try_from(seen.len()).unwrap();
        let by_skip = store
            .list_leads(tenant(), &campaign, None, &query(skipped, 5, None))
            .await
            .unwrap();
        assert_eq!(page, by_skip);
        seen.extend(page.items);
        cursor = page.next_cursor;
    }
    assert_eq!((seen, cursor), (leads, None));
    let past = store
        .list_leads(tenant(), &campaign, None, &query(20, 5, None))
        .await
        .unwrap();
    assert_eq!((past.items, past.total, past.next_cursor), (vec![], 20, None));
}

#[tokio::test]
async fn a_lead_that_changes_its_status_between_two_pages_is_neither_lost_nor_doubled() {
    let (store, campaign, leads) = world(20).await;
    let first = store
        .list_leads(tenant(), &campaign, None, &query(0, 10, None))
        .await
        .unwrap();
    let pending = |lead: &&Lead| lead.status == LeadStatus::Pending;
    let before = leads[..10].iter().find(pending).unwrap().clone();
    let after = leads[10..].iter().find(pending).unwrap().clone();
    fail(&store, before).await;
    fail(&store, after).await;
    let rest = store
        .list_leads(tenant(), &campaign, None, &query(0, 100, first.next_cursor))
        .await
        .unwrap();
    let ids: Vec<_> = first
        .items
        .iter()
        .chain(&rest.items)
        .map(|lead| lead.id)
        .collect();
    assert_eq!(ids.len(), 20);
    assert_eq!(
        ids.iter().map(ToString::to_string).collect::<BTreeSet<_>>().len(),
        20
    );
}

#[tokio::test]
async fn a_cursor_of_another_list_is_refused() {
    let (store, campaign, _) = world(1).await;
    let page = query(0, 10, Some("0!pending".to_owned()));
    let refused = store.list_leads(tenant(), &campaign, None, &page).await;
    assert!(matches!(refused, Err(StoreError::Cursor)));
}
