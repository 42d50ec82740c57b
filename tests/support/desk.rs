//! A human agent's desk: Socket.IO's official client, in Node.

use std::{collections::VecDeque, process::Stdio, time::Duration};

use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines},
    process::{Child, ChildStdin, ChildStdout},
};

use super::{api::Api, node::Node};

const CLIENT: &str = "socket.io-client@4.8.1";
/// No wait for anything is longer.
const SOON: Duration = Duration::from_secs(30);

/// A desk; it closes with what holds it.
pub(crate) struct Browser {
    _child: Child,
    told: ChildStdin,
    says: Lines<BufReader<ChildStdout>>,
    /// Heard while something else was waited for.
    heard: VecDeque<Value>,
}

impl Browser {
    /// A client that connects, with these options over its usual ones.
    pub(crate) async fn open(url: &str, options: Value) -> Self {
        let node = Node::with(&[CLIENT]).await;
        let mut child = node
            .command(include_str!("desk.js"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut desk = Self {
            told: child.stdin.take().unwrap(),
            says: BufReader::new(child.stdout.take().unwrap()).lines(),
            heard: VecDeque::new(),
            _child: child,
        };
        desk.act("open", json!({ "url": url, "options": options })).await;
        desk
    }

    /// A client that is connected, by this transport alone; its token comes in `auth`.
    pub(crate) async fn connected(url: &str, token: &str, transport: &str) -> Self {
        let options = json!({ "auth": { "token": token }, "transports": [transport] });
        let mut desk = Self::open(url, options).await;
        assert_eq!(desk.says("connected").await["transport"], transport);
        desk
    }

    pub(crate) async fn act(&mut self, what: &str, data: Value) {
        let line = format!("{}\n", json!([what, data]));
        self.told.write_all(line.as_bytes()).await.unwrap();
    }

    /// The next thing of this kind that it says.
    pub(crate) async fn says(&mut self, what: &str) -> Value {
        let said = async {
            loop {
                let line = self.says.next_line().await.unwrap().expect("the client ended");
                let [said, data]: [Value; 2] = serde_json::from_str(&line).unwrap();
                if said == what {
                    return data;
                }
                assert_eq!(said, "heard", "{what} was waited for, but it says {line}");
                self.heard.push_back(data);
            }
        };
        let said = tokio::time::timeout(SOON, said).await;
        said.unwrap_or_else(|_| panic!("it does not say `{what}` within {SOON:?}"))
    }

    /// The ack of an event.
    pub(crate) async fn ask(&mut self, event: &str, data: Value) -> Value {
        self.act("ask", json!({ "event": event, "data": data })).await;
        self.says("answer").await
    }

    /// The next event that it hears: `{name, data, at}`.
    pub(crate) async fn hears(&mut self) -> Value {
        match self.heard.pop_front() {
            Some(heard) => heard,
            None => self.says("heard").await,
        }
    }

    /// The payload of the next event, which has this name.
    pub(crate) async fn hears_of(&mut self, name: &str) -> Value {
        let heard = self.hears().await;
        assert_eq!(heard["name"], name, "{heard}");
        heard["data"].clone()
    }

    /// Opens a human agent's desk; the ack is good.
    pub(crate) async fn join(&mut self, tenant: &str, agent: &str) -> Value {
        let answer = self
            .ask("agent:join", json!({ "agentId": agent, "tenantId": tenant }))
            .await;
        assert_eq!(answer["success"], true, "{answer}");
        answer
    }
}

/// The tenant of whoever asks.
pub(crate) async fn tenant_of(api: &Api) -> String {
    let me = api.get("/api/auth/me").await;
    let user = me.get("user").unwrap_or(&me);
    user["tenant_id"].as_str().unwrap().to_owned()
}

/// A user with the role `agent` and this e-mail address, invited by a manager.
pub(crate) async fn agent_user(by: &Api, email: &str) -> Api {
    let invited = by
        .post("/users/invitations", json!({ "email": email, "role": "agent" }))
        .await;
    let who = json!({ "email": email, "password": "correct horse", "first_name": "A", "last_name": "Gent", "invitation": invited["token"] });
    by.post("/auth/register", who.clone()).await;
    let token = by.post("/auth/login", who).await["token"].clone();
    Api {
        token: token.as_str().unwrap().to_owned(),
        ..by.clone()
    }
}
