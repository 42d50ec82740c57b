//! Who is in a conference: changed, invited, taken out.

use axum::http::Method;
use trunkline_telephony::{Carrier, CarrierError, Change, Guest, Part, Seat};

use crate::{
    from,
    stand_in::{Reply, stand_in},
    to,
};

#[tokio::test]
async fn somebody_in_a_conference_is_changed_invited_and_taken_out_by_its_label() {
    let it = stand_in(|seen| match (&seen.method, seen.uri.ends_with("nobody.json")) {
        (_, true) => Reply::Is(404, r#"{"code":20404,"message":"not found"}"#.into()),
        (&Method::DELETE, _) => Reply::Is(204, String::new()),
        (_, false) if seen.uri.ends_with("/Participants.json") => {
            Reply::Is(201, r#"{"call_sid":"CA9","status":"queued"}"#.into())
        }
        (_, false) => Reply::Is(200, r#"{"call_sid":"CA9"}"#.into()),
    })
    .await;
    let seat = |who: &str| Seat {
        conference: "CF1".into(),
        who: who.into(),
    };
    let hold = Change::Hold(true);
    assert_eq!(
        it.carrier.change_participant(&seat("CA9"), &hold).await,
        Ok(Some("CA9".to_owned()))
    );
    assert_eq!(
        it.carrier.change_participant(&seat("nobody"), &hold).await,
        Ok(None)
    );
    let guest = Guest {
        phone: to(),
        from: from(),
        label: "boss".into(),
        part: Part::Listens,
        ring_timeout_s: 30,
        time_limit_s: 600,
    };
    assert_eq!(it.carrier.invite("CF1", &guest).await, Ok("CA9".to_owned()));
    assert_eq!(it.carrier.dismiss(&seat("boss")).await, Ok(true));
    assert_eq!(it.carrier.dismiss(&seat("nobody")).await, Ok(false));
    let seen = it.seen.lock().unwrap().clone();
    let asked: Vec<_> = seen
        .iter()
        .map(|seen| (seen.method.as_str(), &*seen.uri))
        .collect();
    let conference = "/2010-04-01/Accounts/AC1/Conferences/CF1/Participants";
    assert_eq!(asked[0], ("POST", &*format!("{conference}/CA9.json")));
    assert_eq!(asked[2], ("POST", &*format!("{conference}.json")));
    assert_eq!(asked[3], ("DELETE", &*format!("{conference}/boss.json")));
    assert_eq!(seen[0].body, "Hold=true");
    let it = stand_in(|_| Reply::Is(503, String::new())).await;
    let lost = it.carrier.invite("CF1", &guest).await;
    assert!(matches!(lost, Err(CarrierError::Unreachable(_))), "{lost:?}");
    assert_eq!(it.seen.lock().unwrap().len(), 1, "never repeated: it may ring");
}
