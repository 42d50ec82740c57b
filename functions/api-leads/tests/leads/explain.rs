//! Why a lead is dialled now, or not.

use chrono::Duration;
use serde_json::{Value, json};
use trunkline_domain::{
    E164, Role,
    id::{GroupId, derived},
    operator::{Group, Operator},
};
use trunkline_service::dialing::opt_out::opt_out;
use trunkline_testing::{Answer, Client, NO_ID, NOT_IDS};

use crate::world::World;

const SARA: &str = "+12125550100";

/// A campaign of one number in New York, and its lead. It is a Monday, 07:00 there.
async fn lead(world: &World, mut campaign: Value) -> (String, String) {
    world
        .platform
        .world
        .clock
        .set("2026-01-05T12:00:00Z".parse().unwrap());
    campaign["name"] = json!("Spring");
    campaign["phone_numbers"] = json!([SARA]);
    let made = world.ada.post("/campaigns", campaign).await;
    assert_eq!(made.status, 201, "{made:?}");
    let campaign = made.id();
    let leads = world.ada.get(&format!("/api/leads?campaign_id={campaign}")).await;
    (
        campaign,
        leads.body["leads"][0]["id"].as_str().unwrap().to_owned(),
    )
}

async fn launched(world: &World, campaign: Value) -> (String, String) {
    let (campaign, lead) = lead(world, campaign).await;
    let answer = world
        .ada
        .post(&format!("/campaigns/{campaign}/launch"), json!({}))
        .await;
    assert_eq!(answer.status, 200, "{answer:?}");
    (campaign, lead)
}

async fn explain(world: &World, lead: &str) -> Value {
    explain_to(&world.ada, lead).await
}

async fn explain_to(client: &Client, lead: &str) -> Value {
    let answer = client.get(&format!("/api/leads/{lead}/explain")).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(answer.body["success"], true);
    answer.body["explanation"].clone()
}

fn rule<'a>(explanation: &'a Value, name: &str) -> &'a Value {
    let rules = explanation["rules"].as_array().unwrap();
    rules.iter().find(|rule| rule["rule"] == name).unwrap()
}

/// The rules that decide and do not allow it.
fn against(explanation: &Value) -> Vec<&str> {
    let rules = explanation["rules"].as_array().unwrap().iter();
    rules
        .filter(|rule| rule["decides"] == true && rule["ok"] == false)
        .map(|rule| rule["rule"].as_str().unwrap())
        .collect()
}

#[tokio::test]
async fn a_draft_dials_nobody_and_an_active_campaign_does() {
    let world = World::new().await;
    let (campaign, lead) = lead(&world, json!({})).await;
    let draft = explain(&world, &lead).await;
    assert_eq!(
        (
            &draft["lead_id"],
            &draft["campaign_id"],
            &draft["may_be_dialled"],
            &draft["next_dial_at"]
        ),
        (&json!(lead), &json!(campaign), &json!(false), &Value::Null)
    );
    assert_eq!(draft["not_by_time"], json!(["campaign_state"]));
    let state = &draft["rules"][0];
    assert_eq!(
        state["input"],
        json!({"state": "draft", "dials": false, "start_time": null})
    );
    assert_eq!(state["verdict"], "the campaign is draft: launch it");
    assert_eq!(
        draft["local_times"],
        json!([{"timezone": "America/New_York", "local_time": "2026-01-05T07:00:00-05:00"}])
    );

    world
        .ada
        .post(&format!("/campaigns/{campaign}/launch"), json!({}))
        .await;
    let active = explain(&world, &lead).await;
    assert_eq!(against(&active), [""; 0], "{active}");
    assert_eq!(active["next_dial_at"], "2026-01-05T12:00:00Z");
    // No media server has said what it can carry: the lead may be dialled, and waits for its turn.
    let media = rule(&active, "media_capacity");
    assert_eq!((&media["ok"], &media["decides"]), (&json!(false), &json!(false)));
    assert_eq!(media["input"], json!({"places": 0, "used": 0}));
    let until = world.platform.ctx.now() + Duration::hours(1);
    let store = &world.platform.ctx.store;
    store.publish_capacity("media-1", 10, until).await.unwrap();
    assert_eq!(rule(&explain(&world, &lead).await, "media_capacity")["ok"], true);
}

#[tokio::test]
async fn where_human_agents_take_the_calls_one_of_them_must_be_there() {
    let world = World::new().await;
    let (campaign, lead) = lead(&world, json!({})).await;
    let (ctx, tenant) = (&world.platform.ctx, world.ada.who.tenant);
    let now = ctx.now();
    let group = Group {
        id: GroupId(derived("sales")),
        tenant,
        name: "Sales".to_owned(),
        description: None,
        members: 0,
        version: 1,
        created_at: now,
        updated_at: now,
    };
    assert_eq!(ctx.store.create_group(&group).await.unwrap(), Ok(()));
    let change = json!({"agent_group_id": group.id.0});
    let changed = world.ada.put(&format!("/api/campaigns/{campaign}"), change).await;
    assert_eq!(changed.status, 200, "{changed:?}");
    world
        .ada
        .post(&format!("/campaigns/{campaign}/launch"), json!({}))
        .await;
    let nobody = explain(&world, &lead).await;
    assert_eq!(against(&nobody), ["human_agents"], "{nobody}");
    assert_eq!(
        (&nobody["next_dial_at"], &nobody["not_by_time"]),
        (&Value::Null, &json!(["human_agents"]))
    );
    let there = rule(&nobody, "human_agents");
    assert_eq!(
        there["verdict"],
        "no human agent of the campaign's group is at work and available: nobody is dialled for them"
    );
    assert_eq!(
        there["input"],
        json!({"agent_group_id": group.id.0, "free": 0, "talking": 0})
    );
    let john: Operator = serde_json::from_value(json!({
        "id": derived("john"), "tenant": tenant, "name": "John", "phone": "+14155553333", "group": group.id,
        "status": "available", "max_concurrent_calls": 2, "timezone": "UTC", "is_active": true, "idle_since": now,
        "version": 1, "created_at": now, "updated_at": now,
    }))
    .unwrap();
    assert_eq!(ctx.store.create_operator(&john).await.unwrap(), Ok(()));
    let two = explain(&world, &lead).await;
    assert_eq!(against(&two), [""; 0], "{two}");
    let free = rule(&two, "free_human_agent");
    assert_eq!((&free["ok"], &free["decides"]), (&json!(true), &json!(false)));
    assert_eq!(
        free["input"],
        json!({"pacing": "progressive", "ringing": 0, "may_dial": 2})
    );
}

#[tokio::test]
async fn a_closed_window_tells_whose_hours_hold_and_when_they_open() {
    let world = World::new().await;
    let hours = json!({"calling_hours_start": "09:00:00", "calling_hours_end": "17:00:00"});
    let (_, lead) = launched(&world, hours).await;
    let closed = explain(&world, &lead).await;
    assert_eq!(against(&closed), ["calling_window"]);
    assert_eq!(closed["next_dial_at"], "2026-01-05T14:00:00Z");
    let window = rule(&closed, "calling_window");
    assert_eq!(
        window["verdict"],
        "closed until 2026-01-05T14:00:00Z by the campaign's hours"
    );
    assert_eq!(
        window["input"],
        json!({
            "hours_of": "campaign", "start": "09:00:00", "end": "17:00:00", "days": [], "timezone": null, "law": null,
            "zones_by": "number", "ambiguous": false, "rings_seconds": 30,
            "zones": [{
                "timezone": "America/New_York", "local_time": "2026-01-05T07:00:00-05:00", "open": false,
                "open_until": null, "closed_until": "2026-01-05T14:00:00Z",
            }],
        })
    );
    // A zone of its own is taken at its word.
    let london = json!({"timezone": "Europe/London"});
    world.ada.put(&format!("/api/leads/{lead}"), london).await;
    let open = explain(&world, &lead).await;
    assert_eq!(open["may_be_dialled"], true, "{open}");
    let window = rule(&open, "calling_window");
    assert_eq!(window["input"]["zones_by"], "lead");
    assert_eq!(window["verdict"], "open until 2026-01-05T17:00:00Z");
}

/// It is 07:00 on a Monday in New York, and 06:00 further west.
#[tokio::test]
async fn the_law_is_told_with_its_citation_its_version_and_the_hours_of_the_day() {
    let world = World::lawful().await;
    let (_, lead) = launched(&world, json!({})).await;
    let closed = explain(&world, &lead).await;
    assert_eq!(closed["next_dial_at"], "2026-01-05T13:00:00Z");
    let window = rule(&closed, "calling_window");
    assert_eq!(
        window["verdict"],
        "closed until 2026-01-05T13:00:00Z by law (United States: 47 CFR 64.1200(c)(1) and 16 CFR 310.4(c))"
    );
    let input = &window["input"];
    assert_eq!(
        (&input["hours_of"], &input["start"], &input["ambiguous"]),
        (&json!("law"), &Value::Null, &json!(false))
    );
    assert_eq!(
        input["law"],
        json!({
            "version": trunkline_domain::law::version(), "automated": false,
            "rules": [{
                "jurisdiction": "US", "calls": "all", "since": null, "checked": "2026-11-23",
                "citation": "United States: 47 CFR 64.1200(c)(1) and 16 CFR 310.4(c)",
                "week": [{"days": [0, 1, 2, 3, 4, 5, 6], "start": "08:00:00", "end": "21:00:00"}], "holidays": null,
                "timezone": "America/New_York", "local_date": "2026-01-05", "holiday": null,
                "today": [{"start": "08:00:00", "end": "21:00:00"}],
                "open": false, "open_until": null, "closed_until": "2026-01-05T13:00:00Z",
            }],
        })
    );
}

#[tokio::test]
async fn a_states_holiday_is_told_and_the_next_call_is_after_it() {
    let world = World::lawful().await;
    let hours = json!({"calling_hours_start": "09:00:00", "calling_hours_end": "17:00:00"});
    let (campaign, _) = launched(&world, hours).await;
    let list = "phone,timezone\n+12055550100,\n+18005550100,\n+12055550101,America/Denver\n";
    assert_eq!(world.upload(&campaign, list).await.status, 200);
    // Thanksgiving, 13:00 in Alabama.
    let thanksgiving = "2026-11-26T19:00:00Z";
    world.platform.world.clock.set(thanksgiving.parse().unwrap());
    // Ada's session is over by then.
    let eve = world.platform.colleague(&world.ada, "eve", Role::User).await;
    let leads = eve.get(&format!("/api/leads?campaign_id={campaign}")).await;
    let id_of = |phone: &str| {
        let leads = leads.body["leads"].as_array().unwrap().iter();
        let mut found = leads.filter(|lead| lead["phone"] == phone);
        found.next().unwrap()["id"].as_str().unwrap().to_owned()
    };
    let closed = explain_to(&eve, &id_of("+12055550100")).await;
    let window = rule(&closed, "calling_window");
    // The state opens at 08:00 on Friday, the campaign an hour later.
    assert_eq!(closed["next_dial_at"], "2026-11-27T15:00:00Z", "{window}");
    assert_eq!(window["input"]["hours_of"], "campaign_and_law");
    let rules = window["input"]["law"]["rules"].as_array().unwrap();
    let said: Vec<_> = rules
        .iter()
        .map(|rule| {
            (
                rule["jurisdiction"].as_str().unwrap(),
                &rule["holiday"],
                &rule["open"],
            )
        })
        .collect();
    assert_eq!(
        said,
        [
            ("US", &Value::Null, &json!(true)),
            ("US-AL", &json!("Thanksgiving Day"), &json!(false))
        ]
    );
    assert!(
        window["verdict"].as_str().unwrap().contains("Alabama: "),
        "{window}"
    );

    // The lead's own zone moves its clock, and leaves it in Alabama.
    let moved = explain_to(&eve, &id_of("+12055550101")).await;
    assert_eq!(moved["next_dial_at"], "2026-11-27T16:00:00Z");
    // A toll-free number may be anywhere: each state by its own clock.
    let free = explain_to(&eve, &id_of("+18005550100")).await;
    let input = &rule(&free, "calling_window")["input"];
    let rules = input["law"]["rules"].as_array().unwrap();
    let of = |state: &str| rules.iter().filter(|rule| rule["jurisdiction"] == state).count();
    assert_eq!((of("US-FL"), of("US-RI"), of("US-TX")), (2, 1, 2), "{input}");
    assert_eq!(input["ambiguous"], true);
}

#[tokio::test]
async fn a_mark_is_told_with_its_source_and_since_when() {
    let world = World::new().await;
    let (_, lead) = launched(&world, json!({})).await;
    let phone: E164 = SARA.parse().unwrap();
    opt_out(&world.platform.ctx, world.ada.who.tenant, &phone, "speech")
        .await
        .unwrap();
    let marked = explain(&world, &lead).await;
    assert_eq!(marked["not_by_time"], json!(["do_not_call"]));
    let told = rule(&marked, "do_not_call");
    let input =
        json!({"marked": true, "source": "speech", "since": "2026-01-05T12:00:00Z", "expires_at": null});
    assert_eq!(told["input"], input);
    assert!(told["verdict"].as_str().unwrap().contains("for good"), "{told}");
}

#[tokio::test]
async fn who_has_no_such_lead_is_told_so() {
    let world = World::new().await;
    let (_, lead) = lead(&world, json!({})).await;
    let path = format!("/api/leads/{lead}/explain");
    let refused = |answer: Answer, status: u16| {
        assert_eq!(answer.status, status, "{answer:?}");
        assert!(answer.body["error"].is_string(), "{answer:?}");
    };
    let bob = world.platform.manager("bob").await;
    refused(bob.get(&path).await, 404);
    refused(world.ada.get(&format!("/api/leads/{NO_ID}/explain")).await, 404);
    for not_id in NOT_IDS {
        let answer = world.ada.get(&format!("/api/leads/{not_id}/explain")).await;
        assert!([400, 404].contains(&answer.status), "{not_id}: {answer:?}");
    }
    let john = world.platform.colleague(&world.ada, "john", Role::Agent).await;
    refused(john.get(&path).await, 403);
    refused(world.platform.nobody(&world.ada).get(&path).await, 401);
    let eve = world.platform.colleague(&world.ada, "eve", Role::User).await;
    assert_eq!(eve.get(&path).await.status, 200);
}
