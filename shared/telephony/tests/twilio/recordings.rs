//! The carrier's recordings: fetched as they come, and deleted.

use axum::http::Method;
use futures::TryStreamExt;
use trunkline_telephony::{Carrier, CarrierError};

use crate::stand_in::{Reply, StandIn, stand_in};

async fn sound(it: &StandIn) -> Result<Option<Vec<u8>>, CarrierError> {
    let Some(sound) = it.carrier.recording("RE1").await? else {
        return Ok(None);
    };
    let pieces: Vec<bytes::Bytes> = sound.try_collect().await?;
    Ok(Some(pieces.concat()))
}

#[tokio::test]
async fn a_recording_comes_whole_with_both_sides_by_the_accounts_key() {
    // Larger than any answer that is read at once.
    let wav = format!("RIFF{}", "x".repeat(3_000_000));
    let sent = wav.clone();
    let it = stand_in(move |_| Reply::Is(200, sent.clone())).await;
    assert!(sound(&it).await.unwrap().unwrap() == wav.as_bytes());
    let seen = it.seen.lock().unwrap().clone();
    assert_eq!(
        (&seen[0].method, seen[0].uri.as_str()),
        (
            &Method::GET,
            "/2010-04-01/Accounts/AC1/Recordings/RE1.wav?RequestedChannels=2"
        )
    );
    assert_eq!(seen[0].authorization, "Basic QUMxOnNlY3JldA==");
}

#[tokio::test]
async fn one_that_is_not_there_is_none_and_a_refusal_or_a_redirect_is_told() {
    let it = stand_in(|_| Reply::Is(404, String::new())).await;
    assert_eq!(sound(&it).await, Ok(None));
    let it = stand_in(|_| Reply::Is(401, String::new())).await;
    assert_eq!(
        sound(&it).await,
        Err(CarrierError::Refused(
            "it answers with HTTP status 401".to_owned()
        ))
    );
    // The key is for the carrier alone: nobody is followed with it.
    let it = stand_in(|_| Reply::With(302, "location", "http://127.0.0.1:1/".to_owned())).await;
    assert!(matches!(sound(&it).await, Err(CarrierError::Refused(_))));
}

#[tokio::test]
async fn one_that_is_to_go_is_gone_whether_it_was_there_or_not() {
    for status in [204, 404] {
        let it = stand_in(move |_| Reply::Is(status, String::new())).await;
        assert_eq!(it.carrier.delete_recording("RE1").await, Ok(()));
        let seen = it.seen.lock().unwrap().clone();
        assert_eq!(
            (&seen[0].method, seen[0].uri.as_str()),
            (&Method::DELETE, "/2010-04-01/Accounts/AC1/Recordings/RE1.json")
        );
    }
    let it = stand_in(|_| Reply::Is(500, String::new())).await;
    assert!(it.carrier.delete_recording("RE1").await.is_err());
}
