//! What the REST API takes, and how it refuses the rest.

use serde_json::json;
use trunkline_carrier_sim::SimOptions;

use crate::bench::{Bench, FROM};

#[tokio::test]
async fn wrong_calls_are_refused_with_the_carriers_numbers() {
    let bench = Bench::start().await;
    let good = [
        ("To", "+15550001601"),
        ("From", FROM),
        ("Url", "http://127.0.0.1:9/x"),
    ];
    let long = format!("<Response><Say>{}</Say></Response>", "x".repeat(4000));
    let without =
        |name: &str| -> Vec<(&str, &str)> { good.iter().copied().filter(|(key, _)| *key != name).collect() };
    let with = |name: &'static str, value: &'static str| -> Vec<(&str, &str)> {
        let mut form = without(name);
        form.push((name, value));
        form
    };
    let mut twiml = without("Url");
    twiml.push(("Twiml", &long));
    for (form, code) in [
        (without("To"), 21201),
        (without("From"), 21213),
        (without("Url"), 21205),
        (with("To", "5550001601"), 21211),
        (with("From", "+0"), 21212),
        (with("Url", "not a url"), 21205),
        (with("Url", "ftp://127.0.0.1/x"), 21205),
        (with("StatusCallbackEvent", "answer"), 20001),
        (with("StatusCallback", "nowhere"), 21609),
        (with("MachineDetection", "Yes"), 20001),
        (with("AsyncAmd", "maybe"), 20001),
        (with("Record", "1"), 20001),
        (with("Timeout", "601"), 21208),
        (with("TimeLimit", "0"), 20001),
        (with("SendDigits", "12x"), 21206),
        (with("Method", "PUT"), 21209),
        (twiml, 20001),
    ] {
        let (status, error) = bench.post("/Calls.json", &form).await;
        assert_eq!((status, &error["code"]), (400, &json!(code)), "{form:?}: {error}");
        assert_eq!(error["status"], 400);
        assert_eq!(
            error["more_info"],
            format!("https://www.twilio.com/docs/errors/{code}")
        );
        assert!(error["message"].is_string());
    }
    assert_eq!(
        bench.get("/Calls.json").await.1["calls"],
        json!([]),
        "none of them was placed"
    );
}

#[tokio::test]
async fn only_the_accounts_token_lets_in() {
    let bench = Bench::start().await;
    let url = bench.api("/Calls.json");
    let (user, token) = (SimOptions::ACCOUNT_SID, SimOptions::AUTH_TOKEN);
    for request in [
        bench.http.get(&url),
        bench.http.get(&url).basic_auth(user, Some("wrong")),
        bench.http.get(&url).basic_auth("ACother", Some(token)),
        bench.http.get(&url).bearer_auth(token),
    ] {
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), 401);
        assert!(
            response.headers()["www-authenticate"]
                .to_str()
                .unwrap()
                .starts_with("Basic")
        );
        let body: serde_json::Value = serde_json::from_slice(&response.bytes().await.unwrap()).unwrap();
        assert_eq!(body["code"], 20003);
    }
    let other = url.replace(user, &user.replace("5131", "9999"));
    let response = bench
        .http
        .get(other)
        .basic_auth(user, Some(token))
        .send()
        .await
        .unwrap();
    assert_eq!(response.status(), 404);
}

#[tokio::test]
async fn what_is_not_there_is_20404() {
    let bench = Bench::start().await;
    let call = format!("/Calls/CA{}.json", "0".repeat(32));
    for path in [
        call.as_str(),
        "/Nothing.json",
        "/Conferences/none/Participants.json",
        "/Recordings/RE1.json",
    ] {
        let (status, error) = bench.get(path).await;
        assert_eq!((status, &error["code"]), (404, &json!(20404)), "{path}");
    }
    assert_eq!(bench.post(&call, &[("Status", "completed")]).await.0, 404);
    assert_eq!(bench.delete("/Calls.json").await, 405);
    let (status, error) = bench.get("/Calls.json?PageSize=x").await;
    assert_eq!((status, &error["code"]), (400, &json!(20001)));
}

#[tokio::test]
async fn the_account_answers_for_a_health_check() {
    let bench = Bench::start().await;
    let (status, account) = bench.get(".json").await;
    assert_eq!(
        (status, &account["sid"], &account["status"]),
        (200, &json!(SimOptions::ACCOUNT_SID), &json!("active"))
    );
    assert!(
        !account.to_string().contains(SimOptions::AUTH_TOKEN),
        "the token is not shown"
    );
}
