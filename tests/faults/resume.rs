//! SIGKILL of the media server alone, in mid-call: the carrier keeps the caller, and another one goes on with the conversation.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use serde_json::{Value, json};
use tokio::time::{Instant, sleep, sleep_until};
use trunkline_carrier_sim::{Babble, SimVoice};
use trunkline_domain::{Call, CallId, CampaignId, recording, transcript::Speaker};

use crate::support::{
    api::Api,
    carrier::calls_to,
    edges::{Balancer, EdgeProcess},
    platform::{Carrier, Platform},
    wav::{listen, listen_until},
};

/// What is promised: from the death of a media server to the agent's voice at the caller's ear.
const PROMISED: Duration = Duration::from_secs(3);
/// The agent's first words in a stream that goes on with another's conversation.
const RESUMED: &str = "Sorry, the line dropped for a moment. Please go on.";
/// What the carrier says for us when no more streams are tried.
const GAVE_UP: &str = "technical problem";
const NUMBER: &str = "+14155550101";

/// The carrier's voice, which remembers what it was asked to say.
#[derive(Default)]
struct Remembering(Mutex<Vec<String>>);

#[async_trait::async_trait]
impl SimVoice for Remembering {
    async fn say(&self, text: &str) -> Vec<i16> {
        self.0.lock().unwrap().push(text.to_owned());
        Babble.say(text).await
    }
}

/// A carrier; a platform whose media sockets are at a balancer; media servers behind it; a call to a person who likes to talk.
struct Scene {
    carrier: Carrier,
    voice: Arc<Remembering>,
    platform: Platform,
    balancer: Balancer,
    edges: Vec<EdgeProcess>,
    api: Api,
    campaign: String,
    call: CallId,
    sid: String,
}

impl Scene {
    async fn with(edges: usize, speech: &str) -> Self {
        let voice = Arc::new(Remembering::default());
        let carrier = Carrier::speaking(Arc::clone(&voice) as Arc<dyn SimVoice>).await;
        let balancer = Balancer::start().await;
        let outside = [
            ("TRUNKLINE_SIM_ADDR", "off"),
            ("TRUNKLINE_ALLOW_PRIVATE_URLS", "true"),
            ("TWILIO_API_BASE", carrier.url.as_str()),
            ("TRUNKLINE_MEDIA_URL", balancer.url.as_str()),
        ];
        let platform = Box::pin(Platform::with(&outside)).await;
        let beside = [
            ("TRUNKLINE_SIM_ADDR", "off"),
            ("TWILIO_API_BASE", carrier.url.as_str()),
            ("TRUNKLINE_STT", speech),
            ("TRUNKLINE_LLM", speech),
            ("TRUNKLINE_TTS", speech),
        ];
        let starting =
            (0..edges).map(|_| EdgeProcess::start(&platform.stack, platform.data(), &balancer.url, &beside));
        let edges = futures::future::join_all(starting).await;
        edges.iter().for_each(|edge| balancer.put_behind(edge));

        let api = Api::register(&platform.url, "ada").await;
        let agent = api.agent("Reception").await;
        let once = json!({"retry_policy": {"max_attempts": 1}});
        let campaign = api.launch(&agent, &[NUMBER.to_owned()], once).await;
        let call = api
            .until("the call is answered", Duration::from_secs(30), async |api| {
                let mut calls = api.calls(&campaign).await;
                calls.retain(|call| call["status"] == "in_progress");
                calls.pop()
            })
            .await;
        let sid = calls_to(&carrier.url, NUMBER).await[0]["sid"]
            .as_str()
            .unwrap()
            .to_owned();
        Self {
            call: call["id"].as_str().unwrap().parse().unwrap(),
            sid,
            carrier,
            voice,
            platform,
            balancer,
            edges,
            api,
            campaign,
        }
    }

    /// What the called person did and heard so far, as the carrier knows it.
    async fn person(&self) -> Value {
        let url = format!("{}/sim/calls/{}", self.carrier.url, self.sid);
        self.api.http.get(url).send().await.unwrap().json().await.unwrap()
    }

    /// For how long the person has heard a voice.
    async fn heard_ms(&self) -> u64 {
        self.person().await["heard_ms"].as_u64().unwrap()
    }

    async fn row(&self) -> Call {
        let store = &self.platform.stack.ctx.store;
        store.call_unchecked(self.call).await.unwrap().unwrap()
    }

    /// Waits until the agent is speaking: the person hears more and more.
    async fn agent_speaks(&self) {
        let before = self.heard_ms().await;
        self.api
            .until("the agent speaks", Duration::from_secs(20), async |_| {
                (self.heard_ms().await >= before + 300).then_some(())
            })
            .await;
    }

    /// How long after `since` the person hears a voice again.
    async fn silent_for(&self, since: Instant) -> Duration {
        // By then all is played that the carrier had: it is never given more than 100 ms ahead.
        sleep_until(since + Duration::from_millis(150)).await;
        let before = self.heard_ms().await;
        while self.heard_ms().await == before {
            assert!(
                since.elapsed() < Duration::from_secs(20),
                "nothing is heard any more"
            );
            sleep(Duration::from_millis(10)).await;
        }
        since.elapsed()
    }

    /// Kills the media server that has the call while its agent speaks, and gives the silence that the person hears.
    async fn kill(&mut self, edge: usize) -> Duration {
        self.agent_speaks().await;
        let row = self.row().await;
        assert_eq!(
            usize::try_from(row.gen_next).unwrap(),
            edge + 1,
            "one stream an edge"
        );
        let since = Instant::now();
        self.edges[edge].kill().await;
        let silence = self.silent_for(since).await;
        println!("media server {edge} killed: a voice again after {silence:?}");
        silence
    }

    /// The call goes on in another stream, on another media server, and is the same call.
    async fn assert_goes_on(&self, before: &Call) {
        let row = self.row().await;
        assert_eq!(row.gen_next, before.gen_next + 1);
        assert!(row.instance.is_some() && row.instance != before.instance);
        assert_eq!((&row.sid, row.status), (&before.sid, before.status));
        assert_eq!(row.sid.as_ref(), Some(&self.sid));
        assert_eq!(self.person().await["status"], "in-progress");
    }

    /// Waits for the end; then nothing is held any more, and the carrier has had one call.
    async fn assert_ends_clean(&self) {
        let call = self.logged("the call's end", |call| call["status"] != "in_progress");
        assert_eq!(call.await["status"], "completed");
        let placed = calls_to(&self.carrier.url, NUMBER).await;
        assert_eq!(placed.len(), 1, "{placed:?}");
        assert_eq!(
            (&placed[0]["sid"], &placed[0]["status"]),
            (&json!(self.sid), &json!("completed"))
        );
        let store = &self.platform.stack.ctx.store;
        assert_eq!(store.media_used().await.unwrap(), 0, "a place is still taken");
        let campaign: CampaignId = self.campaign.parse().unwrap();
        let slots = store.slots(campaign).await.unwrap();
        assert_eq!(slots.iter().map(|slot| slot.used).sum::<i64>(), 0, "{slots:?}");
    }

    /// The call's log, once it is so.
    async fn logged(&self, what: &str, is_so: impl Fn(&Value) -> bool) -> Value {
        let looking = self.api.until(what, Duration::from_secs(90), async |api| {
            let call = api.get(&format!("/call-logs/{}", self.call)).await;
            is_so(&call).then_some(call)
        });
        looking.await
    }

    async fn stop(self) {
        self.platform.stop().await;
        self.carrier.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn when_the_media_server_is_killed_the_conversation_goes_on_within_3_s() {
    let mut scene = Box::pin(Scene::with(2, "stub")).await;
    let first = scene.row().await;
    let prefix = recording::prefix(first.tenant, first.id);
    let blobs = &scene.platform.stack.ctx.blobs;
    scene
        .api
        .until("5 s are recorded", Duration::from_secs(30), async |_| {
            (!blobs.list(&prefix).await.unwrap().is_empty()).then_some(())
        })
        .await;
    let store = scene.platform.stack.ctx.store.clone();
    let before = store.transcript_lines(first.id).await.unwrap();
    assert!(
        before.iter().any(|line| line.speaker == Speaker::User),
        "they have talked: {before:?}"
    );

    let silence = scene.kill(0).await;
    assert!(silence < PROMISED, "the caller heard nothing for {silence:?}");
    scene.assert_goes_on(&first).await;
    let said = scene.person().await["said"].as_array().unwrap().len();

    scene.assert_ends_clean().await;
    let after = scene.person().await;
    assert!(
        after["said"].as_array().unwrap().len() > said,
        "the person talked on: {after}"
    );
    assert_eq!(scene.balancer.taken(), 2, "two streams");

    let lines = store.transcript_lines(first.id).await.unwrap();
    assert!(lines.starts_with(&before), "what was said is kept: {lines:?}");
    assert!(
        lines.is_sorted_by_key(|line| line.at),
        "in the order of speech: {lines:?}"
    );
    let again: Vec<_> = lines.iter().filter(|line| line.generation == 1).collect();
    // Said by who knows that there was a conversation.
    assert_eq!(
        (again[0].speaker, again[0].text.as_str()),
        (Speaker::Agent, RESUMED)
    );
    for speaker in [Speaker::User, Speaker::Agent] {
        assert!(
            again.iter().skip(1).any(|line| line.speaker == speaker),
            "{again:?}"
        );
    }
    let mut keys: Vec<_> = lines
        .iter()
        .map(|line| (line.generation, line.start_ms, line.speaker == Speaker::User))
        .collect();
    keys.dedup();
    assert_eq!(keys.len(), lines.len(), "nothing is there twice: {lines:?}");
    let greetings = lines.iter().filter(|line| line.text == RESUMED).count();
    assert_eq!(greetings, 1);

    let worked_up = scene.logged("the call is worked up", |call| {
        call["sentiment"].is_string() && call["recording_url"].is_string()
    });
    let call = worked_up.await;
    let link = call["recording_url"].as_str().unwrap();
    let wav = scene
        .api
        .http
        .get(link)
        .send()
        .await
        .unwrap()
        .bytes()
        .await
        .unwrap();
    let last_ms = u32::try_from(again.iter().map(|line| line.end_ms).max().unwrap()).unwrap();
    let (caller, agent, seconds) = listen(&wav);
    assert!(
        seconds >= 5.0 + f64::from(last_ms) / 1_000.0,
        "both streams' sound: {seconds} s, the second up to {last_ms} ms"
    );
    assert!(caller > 300.0 && agent > 300.0, "{caller} {agent}");
    let (caller, agent, _) = listen_until(&wav, 5);
    assert!(
        caller > 100.0 && agent > 100.0,
        "the first stream's sound: {caller} {agent}"
    );
    scene.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs the speech models; run it alone with --ignored"]
async fn so_it_does_with_the_built_in_speech() {
    let mut scene = Box::pin(Scene::with(2, "builtin")).await;
    let before = scene.row().await;
    let silence = scene.kill(0).await;
    assert!(silence < PROMISED, "the caller heard nothing for {silence:?}");
    scene.assert_goes_on(&before).await;
    scene.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_two_resumes_the_caller_is_told_and_the_call_ends() {
    let mut scene = Box::pin(Scene::with(3, "stub")).await;
    for edge in 0..2 {
        let before = scene.row().await;
        let silence = scene.kill(edge).await;
        assert!(silence < PROMISED, "the caller heard nothing for {silence:?}");
        scene.assert_goes_on(&before).await;
    }
    let told = || {
        let said = scene.voice.0.lock().unwrap();
        said.iter().any(|line| line.contains(GAVE_UP))
    };
    assert!(!told());
    let silence = scene.kill(2).await;
    assert!(silence < PROMISED, "the caller heard nothing for {silence:?}");
    let said = scene.voice.0.lock().unwrap().clone();
    assert!(said.iter().any(|line| line.contains(GAVE_UP)), "{said:?}");
    scene.assert_ends_clean().await;
    assert_eq!(
        (scene.row().await.gen_next, scene.balancer.taken()),
        (3, 3),
        "no fourth stream"
    );
    scene.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_media_server_that_is_frozen_is_silent_until_it_is_killed_and_then_the_conversation_goes_on() {
    let mut scene = Box::pin(Scene::with(2, "stub")).await;
    scene.agent_speaks().await;
    let before = scene.row().await;
    scene.edges[0].freeze().await;
    sleep(Duration::from_millis(300)).await;
    let heard = scene.heard_ms().await;
    // Nothing tells the carrier: its socket is open, and takes what it sends.
    sleep(Duration::from_secs(4)).await;
    assert_eq!(scene.heard_ms().await, heard);
    assert_eq!(scene.row().await.gen_next, before.gen_next);

    // What a balancer's health check comes to.
    let since = Instant::now();
    scene.edges[0].kill().await;
    let silence = scene.silent_for(since).await;
    println!("a frozen media server killed: a voice again after {silence:?}");
    assert!(silence < PROMISED, "the caller heard nothing for {silence:?}");
    scene.assert_goes_on(&before).await;
    scene.assert_ends_clean().await;
    scene.stop().await;
}
