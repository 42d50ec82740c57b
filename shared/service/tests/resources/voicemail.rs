//! Voicemail messages: fetched once, checked, kept, forgotten; and what is wrong with a file stops nothing.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use bytes::Bytes;
use futures::TryStreamExt;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::Semaphore,
};
use trunkline_domain::{Campaign, CampaignId, CampaignState, id::derived};
use trunkline_outbound::Outbound;
use trunkline_queue::PostCallJob;
use trunkline_service::{
    Ctx,
    campaigns::{self, CampaignPatch, NewCampaign},
    dialing, voicemail,
    voicemail::Standing,
};
use trunkline_testing::{Aws, Queue, World};

use crate::world::user;

/// Somebody's web server: what it answers to each path, and how often it was asked.
struct Files {
    base: String,
    asked: Arc<AtomicUsize>,
    /// Who asks first for `/held.wav` waits for it.
    held: Arc<Semaphore>,
}

async fn files() -> Files {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let asked = Arc::new(AtomicUsize::new(0));
    let (counted, own) = (Arc::clone(&asked), base.clone());
    let held = Arc::new(Semaphore::new(0));
    let gate = Arc::clone(&held);
    tokio::spawn(async move {
        while let Ok((socket, _)) = listener.accept().await {
            let is_first = counted.fetch_add(1, Ordering::Relaxed) == 0;
            let gate = is_first.then(|| Arc::clone(&gate));
            tokio::spawn(answer(socket, own.clone(), gate));
        }
    });
    Files { base, asked, held }
}

async fn answer(mut socket: TcpStream, own: String, gate: Option<Arc<Semaphore>>) {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(socket.read_u8().await.unwrap());
    }
    let head = String::from_utf8(head).unwrap();
    let path = head.split(' ').nth(1).unwrap();
    if let Some(gate) = gate.filter(|_| path == "/held.wav") {
        gate.acquire().await.unwrap().forget();
    }
    let (status, body) = match path {
        "/hello.wav" | "/held.wav" => ("200 OK".to_owned(), wav(1)),
        "/other.wav" => ("200 OK".to_owned(), wav(2)),
        "/page" => ("200 OK".to_owned(), b"<html>please sign in</html>".to_vec()),
        "/picture" => ("200 OK".to_owned(), b"\x89PNG\r\n\x1a\n".to_vec()),
        "/huge" => ("200 OK".to_owned(), vec![0; voicemail::BYTES_MAX + 1]),
        "/away" => (format!("302 Found\r\nlocation: {own}/hello.wav"), Vec::new()),
        _ => ("404 Not Found".to_owned(), b"nothing here".to_vec()),
    };
    let head = format!(
        "HTTP/1.1 {status}\r\nconnection: close\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    socket.write_all(head.as_bytes()).await.unwrap();
    // Who has read enough hangs up.
    drop(socket.write_all(&body).await);
}

/// So many seconds of sound at 8 kHz, mu-law.
fn wav(seconds: u32) -> Vec<u8> {
    let data = seconds * 8_000;
    let mut file = b"RIFF".to_vec();
    file.extend((36 + data).to_le_bytes());
    file.extend(b"WAVEfmt \x10\0\0\0\x07\0\x01\0");
    file.extend(8_000_u32.to_le_bytes());
    file.extend(8_000_u32.to_le_bytes());
    file.extend(b"\x01\0\x08\0data");
    file.extend(data.to_le_bytes());
    file.resize(file.len() + usize::try_from(data).unwrap(), 0x7F);
    file
}

struct Place {
    world: World,
    ctx: Ctx,
    aws: Aws,
    files: Files,
}

impl Place {
    async fn new() -> Self {
        let world = World::new().await;
        let aws = Aws::start().await;
        let mut ctx = world.ctx();
        aws.wire(&mut ctx);
        ctx.outbound = Outbound::new(true);
        Self {
            world,
            ctx,
            aws,
            files: files().await,
        }
    }

    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.files.base)
    }

    async fn campaign(&self, name: &str, path: &str) -> Campaign {
        let new = NewCampaign {
            name: name.to_owned(),
            voicemail_message_url: Some(self.url(path)),
            phone_numbers: vec!["+14155550100".to_owned()],
            ..NewCampaign::default()
        };
        let id = CampaignId(derived(name));
        campaigns::create(&self.ctx, &user(), id, new).await.unwrap()
    }

    /// Does what stands on the queue; answers how many.
    async fn work(&self, ctx: &Ctx) -> usize {
        let items = self.aws.take(Queue::PostCall).await;
        for item in &items {
            let PostCallJob::Voicemail { tenant, campaign } = item.read().unwrap() else {
                panic!("{} was not expected", item.body);
            };
            voicemail::keep(ctx, tenant, campaign).await.unwrap();
        }
        items.len()
    }

    async fn playable(&self, campaign: &Campaign) -> Option<String> {
        let played = voicemail::playable(&self.ctx, campaign.tenant, campaign.id).await;
        played.unwrap()
    }

    async fn standing(&self, campaign: &Campaign) -> Option<Standing> {
        let mut all = voicemail::standings(&self.ctx, [campaign]).await.unwrap();
        all.remove(&campaign.id)
    }

    async fn change(&self, campaign: &Campaign, url: Option<String>) -> Campaign {
        let patch = CampaignPatch {
            voicemail_message_url: Some(url),
            ..CampaignPatch::default()
        };
        let fresh = |_| Ok::<_, trunkline_domain::Error>(());
        let changed = campaigns::update(&self.ctx, &user(), campaign.id, &patch, fresh).await;
        changed.unwrap()
    }

    async fn bytes(&self, campaign: &Campaign) -> Vec<u8> {
        let file = voicemail::get_signed(&self.ctx, campaign.id).await.unwrap();
        let body = voicemail::open(&self.ctx, &file, None).await.unwrap();
        let pieces: Vec<Bytes> = body.try_collect().await.unwrap();
        pieces.concat()
    }
}

#[tokio::test]
async fn a_message_is_fetched_once_behind_the_request_and_played_from_us() {
    let place = Place::new().await;
    let campaign = place.campaign("good", "/hello.wav").await;
    assert_eq!(
        place.files.asked.load(Ordering::Relaxed),
        0,
        "saving fetches nothing"
    );
    assert_eq!(place.standing(&campaign).await, Some(Standing::Pending));
    assert_eq!(place.work(&place.ctx).await, 1);
    assert_eq!(place.standing(&campaign).await, Some(Standing::Ready));
    let link = place.playable(&campaign).await.unwrap();
    let ours = format!(
        "http://127.0.0.1:8000/voicemail-messages/{}?expires=",
        campaign.id
    );
    assert!(link.starts_with(&ours), "{link}");
    assert_eq!(place.bytes(&campaign).await, wav(1));
    let file = voicemail::get_signed(&place.ctx, campaign.id).await.unwrap();
    assert_eq!((file.duration_ms, file.size_bytes), (1_000, 8_044));
    // A launch, a repeated message, and a year later: the copy is what is played.
    place.world.clock.turn(chrono::Duration::days(365));
    voicemail::keep(&place.ctx, campaign.tenant, campaign.id)
        .await
        .unwrap();
    voicemail::needed(&place.ctx, &campaign).await;
    assert_eq!(place.work(&place.ctx).await, 0);
    assert_eq!(place.files.asked.load(Ordering::Relaxed), 1);
}

#[tokio::test]
async fn a_file_that_cannot_be_played_says_why_and_keeps_nobody_from_dialling() {
    let place = Place::new().await;
    crate::world::found(&place.ctx).await;
    for (path, why) in [
        ("/page", "a web page"),
        ("/picture", "no sound that carriers play"),
        ("/huge", "larger than 10 MB"),
        ("/gone.wav", "HTTP status 404"),
        ("/away", "a redirect (302), which is not followed"),
    ] {
        let campaign = place.campaign(path, path).await;
        let before = place.files.asked.load(Ordering::Relaxed);
        place.work(&place.ctx).await;
        let Some(Standing::Failed(said)) = place.standing(&campaign).await else {
            panic!("{path} was taken");
        };
        assert!(said.contains(why), "{path}: {said}");
        assert_eq!(place.files.asked.load(Ordering::Relaxed), before + 1, "{path}");
        assert_eq!(place.playable(&campaign).await, None);
        let launched = dialing::launch(&place.ctx, &user(), campaign.id).await.unwrap();
        assert_eq!(launched.state, CampaignState::Active);
        assert_eq!(
            place.aws.take(Queue::PostCall).await.len(),
            0,
            "{path}: not so soon again"
        );
    }
    assert!(
        place.aws.keys("voicemail/").await.is_empty(),
        "nothing of it is kept"
    );
}

#[tokio::test]
async fn a_private_address_is_not_asked_whatever_was_accepted_before() {
    let place = Place::new().await;
    let campaign = place.campaign("inside", "/hello.wav").await;
    let guarded = Ctx {
        outbound: Outbound::new(false),
        ..place.ctx.clone()
    };
    place.work(&guarded).await;
    let Some(Standing::Failed(said)) = place.standing(&campaign).await else {
        panic!("it was fetched");
    };
    assert_eq!(said, "the address is private, so it was not called");
    assert_eq!(place.files.asked.load(Ordering::Relaxed), 0);
}

#[tokio::test]
async fn what_is_not_there_when_it_is_needed_is_asked_for_again() {
    let place = Place::new().await;
    let campaign = place.campaign("late", "/hello.wav").await;
    // The message to the queue was lost.
    assert_eq!(place.aws.take(Queue::PostCall).await.len(), 1);
    voicemail::needed(&place.ctx, &campaign).await;
    assert_eq!(place.aws.take(Queue::PostCall).await.len(), 1);
    assert_eq!(place.playable(&campaign).await, None);
    let down = Ctx {
        outbound: Outbound::new(false),
        ..place.ctx.clone()
    };
    assert_eq!(place.work(&down).await, 1);
    assert_eq!(place.playable(&campaign).await, None);
    assert_eq!(
        place.aws.take(Queue::PostCall).await.len(),
        0,
        "it failed just now"
    );
    place.world.clock.turn(chrono::Duration::seconds(60));
    assert_eq!(place.playable(&campaign).await, None);
    assert_eq!(place.work(&place.ctx).await, 1);
    assert!(place.playable(&campaign).await.is_some());
}

#[tokio::test]
async fn a_new_address_brings_a_new_copy_and_none_leaves_none() {
    let place = Place::new().await;
    let campaign = place.campaign("changing", "/hello.wav").await;
    place.work(&place.ctx).await;
    let first = place.aws.keys("voicemail/").await;
    let changed = place.change(&campaign, Some(place.url("/other.wav"))).await;
    assert_eq!(place.standing(&changed).await, Some(Standing::Pending));
    assert_eq!(
        place.playable(&changed).await,
        None,
        "the copy is of another file"
    );
    assert!(place.work(&place.ctx).await >= 1);
    assert_eq!(place.bytes(&changed).await, wav(2));
    let second = place.aws.keys("voicemail/").await;
    assert_eq!((first.len(), second.len()), (1, 1));
    assert_ne!(first, second);
    // What leaves the address alone asks for nothing.
    let same = place.change(&changed, Some(place.url("/other.wav"))).await;
    assert_eq!(place.work(&place.ctx).await, 0);
    let without = place.change(&same, None).await;
    assert_eq!(place.work(&place.ctx).await, 1);
    assert_eq!(place.standing(&without).await, None);
    assert!(place.aws.keys("voicemail/").await.is_empty());
    assert!(voicemail::get_signed(&place.ctx, campaign.id).await.is_err());
}

#[tokio::test]
async fn of_two_who_fetch_at_once_one_asks_and_who_comes_too_late_takes_only_its_own_copy_back() {
    let place = Place::new().await;
    let campaign = place.campaign("twice", "/held.wav").await;
    let (tenant, id) = (campaign.tenant, campaign.id);
    let ctx = place.ctx.clone();
    let slow = tokio::spawn(async move { voicemail::keep(&ctx, tenant, id).await });
    while place.files.asked.load(Ordering::Relaxed) == 0 {
        tokio::task::yield_now().await;
    }
    voicemail::keep(&place.ctx, tenant, id).await.unwrap();
    assert_eq!(
        place.files.asked.load(Ordering::Relaxed),
        1,
        "it is being fetched"
    );
    assert_eq!(place.standing(&campaign).await, Some(Standing::Pending));
    // Whoever fetches it seems to be gone.
    place.world.clock.turn(chrono::Duration::seconds(60));
    voicemail::keep(&place.ctx, tenant, id).await.unwrap();
    assert_eq!(place.files.asked.load(Ordering::Relaxed), 2);
    let kept = place.aws.keys("voicemail/").await;
    place.files.held.add_permits(1);
    slow.await.unwrap().unwrap();
    assert_eq!(place.aws.keys("voicemail/").await, kept);
    assert_eq!(place.standing(&campaign).await, Some(Standing::Ready));
    assert_eq!(place.bytes(&campaign).await, wav(1));
}

#[tokio::test]
async fn the_copy_goes_with_its_campaign() {
    let place = Place::new().await;
    let campaign = place.campaign("short", "/hello.wav").await;
    place.work(&place.ctx).await;
    campaigns::delete(&place.ctx, &user(), campaign.id).await.unwrap();
    assert_eq!(place.work(&place.ctx).await, 1);
    assert!(place.aws.keys("voicemail/").await.is_empty());
    assert!(voicemail::get_signed(&place.ctx, campaign.id).await.is_err());
}
