//! OpenAI's chat completions.

use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use trunkline_providers::ProviderError;
use trunkline_providers::cloud::{Limits, Vendor, language_model_within};
use trunkline_providers::llm::{Action, LanguageModel, Line, Persona, ReplyPart, ReplyRequest, Speaker};

use crate::web::{Answer, KEY, Piece, Web, account, limits};

fn request() -> ReplyRequest {
    ReplyRequest {
        persona: Arc::new(Persona {
            name: "Maya".to_owned(),
            system_prompt: "You sell tea.".to_owned(),
            knowledge: vec!["Tea costs $5.".to_owned()],
            ..Persona::default()
        }),
        history: vec![Line {
            speaker: Speaker::User,
            text: "Stop calling me".to_owned(),
        }],
    }
}

fn model(web: &Web, limits: Limits) -> Arc<dyn LanguageModel> {
    language_model_within(&account(Vendor::Openai, &web.url), limits).unwrap()
}

fn event(data: &str) -> Piece {
    Piece::Bytes(format!("data: {data}\n\n").into_bytes())
}

fn says(text: &str) -> Piece {
    event(&serde_json::json!({"choices": [{"index": 0, "delta": {"content": text}}]}).to_string())
}

fn calls(tool: &str) -> Piece {
    let call = serde_json::json!([{"index": 0, "id": "c", "type": "function", "function": {"name": tool, "arguments": "{}"}}]);
    event(&serde_json::json!({"choices": [{"delta": {"tool_calls": call}}]}).to_string())
}

fn stream(pieces: Vec<Piece>) -> Answer {
    Answer::of("text/event-stream", pieces)
}

async fn all(model: &dyn LanguageModel) -> Result<Vec<ReplyPart>, ProviderError> {
    let mut parts = model.reply(request()).await?;
    let mut all = Vec::new();
    while let Some(part) = parts.recv().await {
        all.push(part);
    }
    Ok(all)
}

fn reason(parts: &[ReplyPart]) -> String {
    match parts.last() {
        Some(ReplyPart::Failed(error)) => error.to_string(),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn words_come_as_they_are_written_and_tools_as_actions() {
    let answer = stream(vec![
        says("I will"),
        says(" not."),
        calls("opt_out"),
        event("[DONE]"),
    ]);
    let mut web = Web::start([answer]).await;
    let model = model(&web, limits());
    assert_eq!(model.name(), "openai");
    let text = |text: &str| ReplyPart::Text(text.to_owned());
    let wanted = [
        text("I will"),
        text(" not."),
        ReplyPart::Action(Action::OptOut),
        ReplyPart::Done,
    ];
    assert_eq!(all(&*model).await.unwrap(), wanted);
    let seen = web.seen();
    assert_eq!(seen.path, "/chat/completions");
    assert_eq!(seen.headers["authorization"], format!("Bearer {KEY}"));
    assert_eq!(seen.body["stream"], true);
    assert_eq!(seen.body["messages"][1]["content"], "Stop calling me");
    assert_eq!(seen.body["tools"].as_array().map(Vec::len), Some(3));
}

#[tokio::test]
async fn a_model_that_says_nothing_is_given_up_in_time() {
    let short = Limits {
        answer: Duration::from_millis(80),
        quiet: Duration::from_millis(80),
        ..limits()
    };
    let web = Web::start([Answer::Silence, stream(vec![says("Well"), Piece::Hang])]).await;
    let model = model(&web, short);
    let error = all(&*model).await.unwrap_err().to_string();
    assert!(error.contains("did not answer within 80ms"), "{error}");
    let parts = all(&*model).await.unwrap();
    assert_eq!(parts[0], ReplyPart::Text("Well".to_owned()));
    assert!(reason(&parts).contains("stopped for more than 80ms"), "{parts:?}");
}

#[tokio::test]
async fn an_answer_that_is_cut_is_a_failure_however_it_is_cut() {
    let cut = stream(vec![says("I am"), Piece::Cut]);
    let short = stream(vec![says("I am")]);
    let garbled = stream(vec![says("I am"), event("{\"choices\":")]);
    let broken = stream(vec![says("I am"), event(r#"{"error":{"message":"overloaded"}}"#)]);
    let web = Web::start([cut, short, garbled, broken]).await;
    let model = model(&web, limits());
    for part in [
        "the connection broke",
        "broke off",
        "cannot be read",
        "overloaded",
    ] {
        let parts = all(&*model).await.unwrap();
        assert_eq!(parts.len(), 2, "{parts:?}");
        assert!(reason(&parts).contains(part), "{parts:?}");
    }
}

#[tokio::test]
async fn too_many_requests_are_made_again_as_the_vendor_asks() {
    let full = |after| Answer::refusal(429, after, r#"{"error":{"message":"Slow down"}}"#);
    let whole = || stream(vec![says("Yes."), event("[DONE]")]);
    let mut web = Web::start([full(Some("0.01")), full(None), whole()]).await;
    let model = model(&web, limits());
    assert_eq!(all(&*model).await.unwrap().len(), 2);
    for _ in 0..3 {
        web.seen();
    }
    assert!(web.nothing_more_seen());
}

#[tokio::test]
async fn too_many_requests_fail_when_waiting_would_not_help() {
    let spent = r#"{"error":{"message":"No credit","code":"insufficient_quota"}}"#;
    let full = |after| Answer::refusal(429, Some(after), r#"{"error":{"message":"Slow down"}}"#);
    let web = Web::start([
        full("60"),
        Answer::refusal(429, None, spent),
        full("0"),
        full("0"),
        full("0"),
    ])
    .await;
    let model = model(&web, limits());
    for said in ["Slow down", "No credit", "Slow down"] {
        let error = all(&*model).await.unwrap_err();
        assert_eq!(
            error.to_string(),
            format!("openai failed: it has had too many requests (429): {said}")
        );
    }
}

#[tokio::test]
async fn a_wrong_key_is_told_with_what_to_do_and_without_the_key() {
    let said = format!(r#"{{"error":{{"message":"Incorrect API key provided: {KEY}."}}}}"#);
    let web = Web::start([Answer::refusal(401, None, &said)]).await;
    let error = all(&*model(&web, limits())).await.unwrap_err();
    assert!(
        matches!(
            error,
            ProviderError::Unavailable {
                provider: "openai",
                ..
            }
        ),
        "{error:?}"
    );
    let text = format!("{error} {error:?}");
    assert!(
        text.contains("OPENAI_API_KEY") && text.contains("Incorrect API key"),
        "{text}"
    );
    assert!(!text.contains("0123456789"), "{text}");
}

#[tokio::test]
async fn nothing_leads_elsewhere_and_nobody_there_is_said_so() {
    let elsewhere = Answer::Full(
        302,
        vec![("location", "http://127.0.0.1:1/".to_owned())],
        Vec::new(),
    );
    let web = Web::start([elsewhere]).await;
    let error = all(&*model(&web, limits())).await.unwrap_err().to_string();
    assert!(error.contains("redirects (302)"), "{error}");
    let nobody = language_model_within(&account(Vendor::Openai, "http://127.0.0.1:1"), limits()).unwrap();
    let error = all(&*nobody).await.unwrap_err().to_string();
    assert!(error.contains("cannot be reached"), "{error}");
}

#[tokio::test]
async fn a_connection_that_closes_before_any_answer_is_replaced_once() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let vendor = tokio::spawn(async move {
        let mut requests = 0;
        for answer in [
            "",
            "HTTP/1.1 200 OK\r\nconnection: close\r\n\r\ndata: [DONE]\n\n",
            "",
            "",
        ] {
            let (mut stream, _) = listener.accept().await.unwrap();
            requests += u32::from(stream.read_u8().await.is_ok());
            stream.write_all(answer.as_bytes()).await.unwrap();
            // What is unread at the close would take the answer back.
            let mut rest = vec![0; 64 * 1024];
            while !rest.is_empty() && !answer.is_empty() {
                let read = stream.read(&mut rest).await.unwrap();
                if rest[..read].ends_with(b"}") {
                    rest.clear();
                }
            }
        }
        requests
    });
    let model = language_model_within(&account(Vendor::Openai, &url), limits()).unwrap();
    assert_eq!(all(&*model).await.unwrap(), [ReplyPart::Done]);
    let error = all(&*model).await.unwrap_err().to_string();
    assert!(error.contains("the connection broke"), "{error}");
    assert_eq!(vendor.await.unwrap(), 4);
}

#[tokio::test]
async fn who_hangs_up_ends_the_models_work() {
    let mut web = Web::start([stream(vec![says("Once upon"), Piece::Hang])]).await;
    let mut parts = model(&web, limits()).reply(request()).await.unwrap();
    assert_eq!(parts.recv().await, Some(ReplyPart::Text("Once upon".to_owned())));
    drop(parts);
    web.let_go().await;
}
