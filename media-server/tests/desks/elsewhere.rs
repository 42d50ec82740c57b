//! Polling through a balancer that sends each request somewhere else.

use reqwest::Client;
use serde_json::{Value, json};
use trunkline_media::realtime::DeskOptions;

use crate::platform::Server;

/// Every request goes to the next instance.
struct Polls {
    http: Client,
    addrs: [String; 2],
    asked: usize,
    sid: String,
}

impl Polls {
    async fn open(servers: [&Server; 2]) -> Self {
        let mut polls = Self {
            http: Client::new(),
            addrs: servers.map(|server| server.addr.clone()),
            asked: 0,
            sid: String::new(),
        };
        let url = polls.url();
        let hello = polls.http.get(url).send().await.unwrap().text().await.unwrap();
        let hello: Value = serde_json::from_str(hello.strip_prefix('0').unwrap()).unwrap();
        polls.sid = hello["sid"].as_str().unwrap().to_owned();
        polls
    }

    fn url(&mut self) -> String {
        let addr = &self.addrs[self.asked % 2];
        self.asked += 1;
        let sid = if self.sid.is_empty() {
            String::new()
        } else {
            format!("&sid={}", self.sid)
        };
        format!("http://{addr}/socket.io/?EIO=4&transport=polling{sid}")
    }

    async fn send(&mut self, packet: String) {
        let url = self.url();
        let answer = self.http.post(url).body(packet).send().await.unwrap();
        assert_eq!(answer.status(), 200);
        assert_eq!(answer.text().await.unwrap(), "ok");
    }

    /// The next packet; pings are answered.
    async fn poll(&mut self) -> String {
        loop {
            let url = self.url();
            let answer = self.http.get(url).send().await.unwrap();
            assert_eq!(answer.status(), 200);
            assert_eq!(answer.headers()["content-type"], "text/plain; charset=UTF-8");
            let text = answer.text().await.unwrap();
            let mut packets: Vec<&str> = text.split('\u{1e}').collect();
            if packets.contains(&"2") {
                self.send("3".to_owned()).await;
                packets.retain(|packet| *packet != "2");
            }
            if !packets.is_empty() {
                return packets.concat();
            }
        }
    }
}

#[tokio::test]
async fn a_polling_session_is_served_whichever_instance_is_asked() {
    let one = Server::start(DeskOptions::default()).await;
    let two = one.beside(DeskOptions::default()).await;
    let mut desk = Polls::open([&one, &two]).await;
    desk.send(format!("40{}", json!({ "token": "good-ann" }))).await;
    assert!(desk.poll().await.starts_with("40{"));
    let asked = json!(["agent:join", { "agentId": "ann", "tenantId": "tenant" }]);
    desk.send(format!("421{asked}")).await;
    assert!(desk.poll().await.starts_with("431[{"));
    let posted = json!({ "desk": "ann", "call": "call", "seq": 1 });
    for (asked, seq) in [(&one, 1), (&one, 2)] {
        let mut posted = posted.clone();
        posted["call"] = json!(format!("call {seq}"));
        assert_eq!(asked.post("ours", &posted).await, 204);
        let told = desk.poll().await;
        assert!(told.contains(&format!("call {seq}")), "{told}");
    }
    assert_eq!((one.desks.open(), two.desks.open()), (1, 0));
}

#[tokio::test]
async fn a_session_that_nobody_has_is_refused_so_that_the_client_opens_another() {
    let one = Server::start(DeskOptions::default()).await;
    let two = one.beside(DeskOptions::default()).await;
    for sid in ["AAAAAAAAAAAAAAAAAAAAAA", "..%2F..%2Fx", ""] {
        for server in [&one, &two] {
            let url = format!(
                "http://{}/socket.io/?EIO=4&transport=polling&sid={sid}",
                server.addr
            );
            let answer = Client::new().get(url).send().await.unwrap();
            assert_eq!(answer.status(), 400, "{sid}");
            let said: Value = answer.json().await.unwrap();
            assert_eq!(said["success"], false, "{said}");
            assert!(said["error"].is_string(), "{said}");
        }
    }
}
