//! The way out against real sockets.

use std::{
    net::{IpAddr, SocketAddr},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use axum::{
    Router,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Redirect},
    routing::{any, get},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

use crate::{Answer, Failure, Lookup, Method, Outbound, Request};

async fn serve(router: Router) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await });
    address
}

async fn ask(way: &Outbound, url: &str) -> Result<Answer, Failure> {
    let request = Request {
        method: Method::Post,
        url,
        headers: &[("x-secret", "s3cret".to_owned())],
        body: Some("{}"),
        timeout: Duration::from_millis(500),
        body_max: 10,
    };
    assert!(!format!("{request:?}").contains("s3cret"));
    way.send(request).await
}

#[tokio::test]
async fn an_answer_is_read_up_to_its_bound_and_a_redirect_is_not_followed() {
    let hits = Arc::new(AtomicUsize::new(0));
    let seen = Arc::clone(&hits);
    let router = Router::new()
        .route(
            "/long",
            any(async |headers: HeaderMap| (headers["x-secret"].to_str().unwrap().to_owned()).repeat(10_000)),
        )
        .route("/away", any(async || Redirect::temporary("/target")))
        .route(
            "/target",
            any(async move || {
                seen.fetch_add(1, Ordering::Relaxed);
            }),
        )
        .route(
            "/slow-down",
            any(async || (StatusCode::TOO_MANY_REQUESTS, [("retry-after", "7")]).into_response()),
        );
    let address = serve(router).await;
    let way = Outbound::new(true);
    let long = ask(&way, &format!("http://{address}/long")).await.unwrap();
    assert_eq!((long.status, long.body.as_slice()), (200, &b"s3crets3cr"[..]));
    assert_eq!(
        ask(&way, &format!("http://{address}/away")).await.unwrap().status,
        307
    );
    assert_eq!(hits.load(Ordering::Relaxed), 0);
    let busy = ask(&way, &format!("http://{address}/slow-down")).await.unwrap();
    assert_eq!((busy.status, busy.retry_after.as_deref()), (429, Some("7")));
}

#[tokio::test]
async fn what_fails_says_how() {
    let slow = serve(Router::new().route("/", any(std::future::pending::<()>))).await;
    let way = Outbound::new(true);
    assert_eq!(
        ask(&way, &format!("http://{slow}/")).await,
        Err(Failure::TimedOut)
    );

    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let resets = listener.local_addr().unwrap();
    tokio::spawn(async move {
        for half in [&b""[..], b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhal"] {
            let (mut socket, _) = listener.accept().await.unwrap();
            let mut some = [0; 64];
            assert!(socket.read(&mut some).await.unwrap() > 0);
            socket.write_all(half).await.unwrap();
        }
    });
    for _ in 0..2 {
        assert_eq!(
            ask(&way, &format!("http://{resets}/")).await,
            Err(Failure::Broken)
        );
    }

    let free = TcpListener::bind("127.0.0.1:0")
        .await
        .unwrap()
        .local_addr()
        .unwrap();
    assert_eq!(
        ask(&way, &format!("http://{free}/")).await,
        Err(Failure::Unreachable)
    );
    assert_eq!(ask(&way, "gopher://example.com/").await, Err(Failure::Invalid));
    assert_eq!(
        ask(&way, "http://no-such-name.invalid/").await,
        Err(Failure::Unresolved)
    );
    let bad = [("x-bad", "a\r\nb: c".to_owned())];
    let request = Request {
        method: Method::Get,
        url: &format!("http://{slow}/"),
        headers: &bad,
        body: None,
        timeout: Duration::from_secs(1),
        body_max: 0,
    };
    assert_eq!(way.send(request).await, Err(Failure::Invalid));
}

/// Answers with a public address first and with this machine's afterwards.
struct Rebinds(AtomicUsize);

#[async_trait::async_trait]
impl Lookup for Rebinds {
    async fn lookup(&self, _: &str) -> std::io::Result<Vec<IpAddr>> {
        let public = self.0.fetch_add(1, Ordering::Relaxed) == 0;
        let text = if public { "93.184.216.34" } else { "127.0.0.1" };
        Ok(vec![text.parse().unwrap()])
    }
}

#[tokio::test]
async fn a_name_that_leads_inside_by_the_time_of_the_call_is_not_called() {
    let hits = Arc::new(AtomicUsize::new(0));
    let seen = Arc::clone(&hits);
    let address = serve(Router::new().route(
        "/",
        get(async move || {
            seen.fetch_add(1, Ordering::Relaxed);
        }),
    ))
    .await;
    let way = Outbound::with_lookup(false, Arc::new(Rebinds(AtomicUsize::new(0))));
    let url = format!("http://rebinds.example:{}/", address.port());
    assert!(way.check("url", &url).await.is_ok());
    assert_eq!(ask(&way, &url).await, Err(Failure::Private));
    assert_eq!(
        ask(&way, &format!("http://{address}/")).await,
        Err(Failure::Private)
    );
    assert_eq!(hits.load(Ordering::Relaxed), 0);
}

/// The one address that there is.
struct Only(IpAddr);

#[async_trait::async_trait]
impl Lookup for Only {
    async fn lookup(&self, _: &str) -> std::io::Result<Vec<IpAddr>> {
        Ok(vec![self.0])
    }
}

#[tokio::test]
async fn the_request_goes_to_the_address_that_was_looked_up_and_keeps_its_host() {
    let router = Router::new().route(
        "/",
        any(async |headers: HeaderMap| headers["host"].to_str().unwrap()[..9].to_owned()),
    );
    let address = serve(router).await;
    let way = Outbound::with_lookup(true, Arc::new(Only(address.ip())));
    let got = ask(&way, &format!("http://a.example:{}/", address.port()))
        .await
        .unwrap();
    assert_eq!(got.body, b"a.example");
}
