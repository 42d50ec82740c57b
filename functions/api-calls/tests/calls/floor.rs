//! Hold, mute and supervise: who may, when, and what the carrier is asked for.

use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use trunkline_domain::{
    Call, CallStatus, CallerId, E164, Instant, Role,
    bridge::{Bridge, Event},
};
use trunkline_telephony::{
    Carrier, CarrierCall, CarrierError, Change, DialError, DialOrder, Guest, Part, Seat,
};
use trunkline_testing::{Answer, Client, NO_ID, Platform, call};

/// A carrier with one conference, `CF1`, that writes down what it is asked for.
#[derive(Debug, Default)]
struct Room {
    /// Who is in it, by the name that it is asked for.
    there: Mutex<Vec<String>>,
    asked: Mutex<Vec<String>>,
    /// What it answers in place of doing anything.
    ails: Mutex<Option<CarrierError>>,
}

impl Room {
    fn sits(&self, seat: &Seat) -> bool {
        seat.conference == "CF1" && self.there.lock().unwrap().contains(&seat.who)
    }

    fn note(&self, what: String) -> Result<(), CarrierError> {
        self.asked.lock().unwrap().push(what);
        self.ails.lock().unwrap().clone().map_or(Ok(()), Err)
    }

    fn take(&self) -> Vec<String> {
        std::mem::take(&mut *self.asked.lock().unwrap())
    }

    fn ails(&self, error: Option<CarrierError>) {
        *self.ails.lock().unwrap() = error;
    }
}

#[async_trait::async_trait]
impl Carrier for Room {
    fn account(&self) -> &str {
        "AC1"
    }
    async fn dial(&self, _: &DialOrder) -> Result<String, DialError> {
        panic!("nobody is dialled")
    }
    async fn fetch(&self, _: &str) -> Result<Option<CarrierCall>, CarrierError> {
        panic!("no call is asked for")
    }
    async fn list(&self, _: &E164, _: &CallerId, _: Instant) -> Result<Vec<CarrierCall>, CarrierError> {
        panic!("no list is asked for")
    }
    async fn cancel(&self, _: &str) -> Result<(), CarrierError> {
        panic!("nothing is cancelled")
    }
    async fn hang_up(&self, _: &str) -> Result<(), CarrierError> {
        panic!("nothing is hung up")
    }
    async fn redirect(&self, _: &str, _: &str) -> Result<(), CarrierError> {
        panic!("nothing is redirected")
    }
    async fn change_participant(&self, seat: &Seat, change: &Change) -> Result<Option<String>, CarrierError> {
        let what = match change {
            Change::Hold(hold) => format!("hold {hold}"),
            Change::Mute(muted) => format!("mute {muted}"),
            Change::Part(Part::Listens) => "listen".to_owned(),
            Change::Part(Part::Whispers { to }) => format!("whisper to {to}"),
            Change::Part(Part::Speaks) => "speak".to_owned(),
        };
        self.note(format!("{} {what}", short(&seat.who)))?;
        Ok(self.sits(seat).then(|| "CA9".to_owned()))
    }
    async fn invite(&self, conference: &str, guest: &Guest) -> Result<String, CarrierError> {
        self.note(format!("{conference} rings {} as {:?}", guest.phone, guest.part))?;
        self.there.lock().unwrap().push(guest.label.clone());
        Ok("CA9".to_owned())
    }
    async fn dismiss(&self, seat: &Seat) -> Result<bool, CarrierError> {
        self.note(format!("{} out", short(&seat.who)))?;
        let sat = self.sits(seat);
        self.there.lock().unwrap().retain(|who| *who != seat.who);
        Ok(sat)
    }
    async fn ping(&self) -> Result<(), CarrierError> {
        Ok(())
    }
}

/// A supervisor's label without the id in it.
fn short(who: &str) -> &str {
    who.split_once('-').map_or(who, |(name, _)| name)
}

/// A caller and John Doe, whose user is `john@example.com`.
struct Scene {
    platform: Platform,
    room: Arc<Room>,
    ada: Client,
    john: Client,
    call: Call,
    bridge: Bridge,
}

impl Scene {
    /// John is rung for the call.
    async fn ringing() -> Self {
        let room = Arc::new(Room::default());
        let carrier = Arc::clone(&room);
        let router = api_calls::router().merge(api_operators::router());
        let platform = Platform::with(router, |ctx| ctx.carrier = carrier).await;
        let ada = platform.manager("ada").await;
        let human = json!({"name": "John Doe", "phone": "+14155553333", "email": "john@example.com"});
        let human = ada.post("/api/agents", human).await.body["agent"].clone();
        let id = |field: &str| human[field].as_str().unwrap().to_owned();
        let john = platform.colleague(&ada, "john", Role::Agent).await;
        let now = platform.ctx.now();
        let call = Call {
            status: CallStatus::Talking,
            sid: Some("CA1".to_owned()),
            conference: Some("CF1".to_owned()),
            operator: Some(id("id").parse().unwrap()),
            ended_at: None,
            duration_s: 0,
            ..call(&ada, &platform.ctx, now)
        };
        platform.put_call(&call).await;
        let group = id("agent_group_id").parse().unwrap();
        let until = now + chrono::Duration::seconds(20);
        let bridge = Bridge::new(call.id, call.tenant, group, now, until, 20);
        platform.ctx.store.create_bridge(&bridge, now).await.unwrap();
        let mut scene = Self {
            platform,
            room,
            ada,
            john,
            call,
            bridge,
        };
        let operator = id("id").parse().unwrap();
        for event in [
            Event::Found(operator),
            Event::Asked(1),
            Event::Placed(1, "CA2".to_owned()),
        ] {
            scene.goes_on(&event).await;
        }
        scene
    }

    /// John is in the room.
    async fn talking() -> Self {
        let mut scene = Self::ringing().await;
        scene.goes_on(&Event::Accepted(1)).await;
        scene.goes_on(&Event::Joined(1)).await;
        scene
            .room
            .there
            .lock()
            .unwrap()
            .extend(["CA1".to_owned(), "CA2".to_owned()]);
        scene
    }

    async fn goes_on(&mut self, event: &Event) {
        let now = self.platform.ctx.now();
        self.bridge = self.bridge.observe(event, now).unwrap();
        self.platform
            .ctx
            .store
            .update_bridge(&self.bridge, None, now)
            .await
            .unwrap();
    }

    async fn post(&self, by: &Client, what: &str, body: Value) -> Answer {
        by.post(&format!("/api/calls/{}/{what}", self.call.id), body)
            .await
    }

    async fn leave(&self, by: &Client) -> Answer {
        by.delete(&format!("/api/calls/{}/supervise", self.call.id)).await
    }
}

#[tokio::test]
async fn who_talks_and_who_manages_hold_the_caller_and_mute_the_agent() {
    let scene = Scene::talking().await;
    for by in [&scene.john, &scene.ada] {
        for (what, body, asked, said) in [
            ("hold", json!({"hold": true}), "CA1 hold true", "on hold"),
            ("hold", json!({"hold": false}), "CA1 hold false", "off hold"),
            ("mute", json!({"muted": true}), "CA2 mute true", "muted"),
            ("mute", json!({"muted": false}), "CA2 mute false", "heard again"),
        ] {
            let answer = scene.post(by, what, body).await;
            assert_eq!(
                (answer.status, &answer.body["success"]),
                (200, &json!(true)),
                "{answer:?}"
            );
            assert!(
                answer.body["message"].as_str().unwrap().contains(said),
                "{answer:?}"
            );
            let call = &answer.body["call"];
            assert_eq!(
                (&call["id"], &call["conference_sid"]),
                (&json!(scene.call.id), &json!("CF1"))
            );
            assert_eq!(scene.room.take(), [asked]);
        }
    }
}

#[tokio::test]
async fn a_manager_listens_whispers_barges_in_and_goes_without_ringing_twice() {
    let scene = Scene::talking().await;
    let there = json!({"mode": "listen", "phone": "+1 (415) 555-4444"});
    let answer = scene.post(&scene.ada, "supervise", there).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    assert!(answer.body["message"].as_str().unwrap().contains("rings"));
    assert_eq!(
        scene.room.take(),
        ["supervisor listen", "CF1 rings +14155554444 as Listens"]
    );
    for (mode, asked) in [
        ("whisper", "supervisor whisper to CA2"),
        ("barge", "supervisor speak"),
        ("Listen", "supervisor listen"),
    ] {
        let answer = scene.post(&scene.ada, "supervise", json!({ "mode": mode })).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        assert_eq!(scene.room.take(), [asked]);
    }
    let bridge = scene
        .platform
        .ctx
        .store
        .bridge(scene.call.id)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(bridge.guests, ["CA9"], "who is to go with the talk");
    assert_eq!(scene.leave(&scene.ada).await.status, 200);
    assert_eq!(scene.room.take(), ["supervisor out"]);
    let again = scene.leave(&scene.ada).await;
    assert_eq!(again.status, 409, "{again:?}");
}

#[tokio::test]
async fn a_managers_own_phone_is_rung_unless_another_is_given() {
    let scene = Scene::talking().await;
    let none = scene
        .post(&scene.ada, "supervise", json!({"mode": "listen"}))
        .await;
    assert_eq!(none.status, 400, "{none:?}");
    assert!(none.text().contains("phone"), "{none:?}");
    let own = json!({"name": "Ada", "phone": "+14155557777", "email": "ada@example.com"});
    assert_eq!(scene.ada.post("/api/agents", own).await.status, 201);
    scene.room.take();
    let answer = scene
        .post(&scene.ada, "supervise", json!({"mode": "barge"}))
        .await;
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(scene.room.take()[1], "CF1 rings +14155557777 as Speaks");
}

#[tokio::test]
async fn unless_somebody_talks_it_is_a_conflict_that_says_so() {
    let mut scene = Scene::ringing().await;
    let over = |event| (event, "after its end");
    for (event, when) in [(None, "while it rings"), over(Some(Event::CallerLeft))] {
        if let Some(event) = event {
            scene.goes_on(&event).await;
        }
        for (what, body) in [
            ("hold", json!({"hold": true})),
            ("mute", json!({"muted": true})),
            ("supervise", json!({"mode": "listen", "phone": "+14155554444"})),
        ] {
            let answer = scene.post(&scene.ada, what, body).await;
            assert_eq!(answer.status, 409, "{what} {when}: {answer:?}");
            assert!(answer.text().contains("No human agent talks"), "{answer:?}");
        }
        assert_eq!(scene.leave(&scene.ada).await.status, 409, "{when}");
    }
    assert!(scene.room.take().is_empty(), "the carrier is not asked");
    let other = Call {
        status: CallStatus::Talking,
        ..call(&scene.ada, &scene.platform.ctx, scene.platform.ctx.now())
    };
    scene.platform.put_call(&other).await;
    let held = json!({"hold": true});
    let path = |id| format!("/api/calls/{id}/hold");
    assert_eq!(
        scene
            .ada
            .post(&path(other.id.to_string()), held.clone())
            .await
            .status,
        409
    );
    assert_eq!(scene.ada.post(&path(NO_ID.to_owned()), held).await.status, 404);
}

#[tokio::test]
async fn who_has_just_hung_up_is_a_conflict_too() {
    let scene = Scene::talking().await;
    scene.room.there.lock().unwrap().clear();
    let answer = scene.post(&scene.john, "hold", json!({"hold": true})).await;
    assert_eq!(answer.status, 409, "{answer:?}");
}

#[tokio::test]
async fn nobody_else_may_and_another_tenants_call_is_not_there() {
    let scene = Scene::talking().await;
    let bob = scene.platform.manager("bob").await;
    let ursula = scene.platform.colleague(&scene.ada, "ursula", Role::User).await;
    let jane = scene.platform.colleague(&scene.ada, "jane", Role::Agent).await;
    let listen = json!({"mode": "listen", "phone": "+14155554444"});
    for (what, body) in [("hold", json!({"hold": true})), ("mute", json!({"muted": true}))] {
        for (by, status) in [(&bob, 404), (&ursula, 403), (&jane, 404)] {
            let answer = scene.post(by, what, body.clone()).await;
            assert_eq!(answer.status, status, "{what}: {answer:?}");
        }
    }
    for (by, status) in [(&bob, 404), (&ursula, 403), (&jane, 403), (&scene.john, 403)] {
        assert_eq!(scene.post(by, "supervise", listen.clone()).await.status, status);
        assert_eq!(scene.leave(by).await.status, status);
    }
    assert!(scene.room.take().is_empty(), "the carrier is not asked");
}

#[tokio::test]
async fn what_is_wrong_is_named() {
    let scene = Scene::talking().await;
    for (what, body, named) in [
        ("hold", json!({}), "hold"),
        ("hold", json!({"hold": "perhaps"}), "hold"),
        ("mute", json!({"muted": 7}), "muted"),
        (
            "supervise",
            json!({"mode": "shout", "phone": "+14155554444"}),
            "listen, whisper, barge",
        ),
        ("supervise", json!({"phone": "+14155554444"}), "mode"),
        ("supervise", json!({"mode": "listen", "phone": "4711"}), "phone"),
        (
            "supervise",
            json!({"mode": "listen", "phone": "+14155553333"}),
            "agent who talks",
        ),
        (
            "supervise",
            json!({"mode": "listen", "phone": "+14155550100"}),
            "the call itself",
        ),
    ] {
        let answer = scene.post(&scene.ada, what, body.clone()).await;
        assert_eq!(answer.status, 400, "{what} {body}: {answer:?}");
        assert!(answer.text().contains(named), "{what} {body}: {answer:?}");
    }
    let asked = scene.room.take();
    assert!(
        asked.iter().all(|asked| asked == "supervisor listen"),
        "nobody is rung: {asked:?}"
    );
}

#[tokio::test]
async fn a_carrier_that_is_away_or_refuses_is_told_apart() {
    let scene = Scene::talking().await;
    scene.room.ails(Some(CarrierError::Unreachable("timeout".into())));
    let away = scene.post(&scene.ada, "hold", json!({"hold": true})).await;
    assert_eq!((away.status, away.header("retry-after")), (503, "2"), "{away:?}");
    scene.room.ails(Some(CarrierError::Refused("20403 no".into())));
    let refused = scene.post(&scene.ada, "mute", json!({"muted": true})).await;
    assert_eq!(refused.status, 500, "{refused:?}");
    assert!(!refused.text().contains("20403"), "{refused:?}");
}
