//! Twilio's REST interface, version 2010-04-01.

mod client;
mod order;
mod participants;
mod wire;

use std::time::Duration;

use reqwest::Method;
use trunkline_domain::{CallerId, E164, Instant};

use crate::{
    Carrier, CarrierCall, CarrierError, Change, DialError, DialOrder, Guest, HookUrls, RingOrder, Seat,
    Sound, signature,
};
use client::{Answer, Client};

/// At most so many pages of the list are read: with 100 calls a page, far more than one pair of numbers
/// can have within the day for which a call is looked for.
const PAGES_MAX: usize = 20;
/// A recording of an hour has 115 MB.
const SOUND: Duration = Duration::from_secs(100);
/// "Call is not in-progress. Cannot redirect": what was to be ended or withdrawn is over.
const CALL_IS_OVER: u32 = 21_220;

/// An account, and where it is reached.
#[derive(Clone)]
pub struct TwilioConfig {
    /// `AC…`.
    pub account_sid: String,
    /// Signs the webhooks and authenticates us.
    pub auth_token: String,
    /// `https://api.twilio.com`, or what stands in for it; no slash at the end.
    pub api_base: String,
    /// Where callbacks go.
    pub hooks: HookUrls,
}

/// Without the token.
impl std::fmt::Debug for TwilioConfig {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut shown = f.debug_struct("TwilioConfig");
        shown
            .field("account_sid", &self.account_sid)
            .field("api_base", &self.api_base)
            .finish_non_exhaustive()
    }
}

/// A Twilio account.
#[derive(Debug)]
pub struct Twilio {
    account: String,
    hooks: HookUrls,
    client: Client,
}

impl Twilio {
    /// Opens nothing; connections come with the first request.
    ///
    /// # Errors
    /// When the machine's TLS certificates cannot be read.
    pub fn new(config: TwilioConfig) -> Result<Self, CarrierError> {
        let client = Client::new(&config.account_sid, config.auth_token, &config.api_base)?;
        Ok(Self {
            account: config.account_sid,
            hooks: config.hooks,
            client,
        })
    }

    fn path(&self, resource: &str) -> String {
        format!(
            "/2010-04-01/Accounts/{}{resource}",
            client::segment(&self.account)
        )
    }

    fn call_path(&self, sid: &str) -> String {
        self.path(&format!("/Calls/{}.json", client::segment(sid)))
    }

    fn seat_path(&self, seat: &Seat) -> String {
        let (conference, who) = (client::segment(&seat.conference), client::segment(&seat.who));
        self.path(&format!("/Conferences/{conference}/Participants/{who}.json"))
    }

    /// Asks about somebody in a conference; none: it has nobody like that.
    async fn of_seat(
        &self,
        method: Method,
        seat: &Seat,
        form: &[(&str, String)],
    ) -> Result<Option<Answer>, CarrierError> {
        let form: Vec<(&str, &str)> = form.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let answer = self.client.send(method, &self.seat_path(seat), &form).await?;
        match answer.status {
            404 => Ok(None),
            _ if answer.is_success() => Ok(Some(answer)),
            _ => Err(answer.as_error()),
        }
    }

    /// Asks for a call, once.
    async fn place(&self, form: &[(&str, String)]) -> Result<String, DialError> {
        match self
            .client
            .ask(Method::POST, &self.path("/Calls.json"), form)
            .await
        {
            Ok(answer) => order::judge(&answer),
            Err(error) => Err(order::judge_failure(&error)),
        }
    }

    /// Changes a call; one that is over stays so, which is no error.
    async fn update(&self, sid: &str, what: &[(&str, &str)]) -> Result<(), CarrierError> {
        let answer = self.client.send(Method::POST, &self.call_path(sid), what).await?;
        if answer.is_success() || answer.problem().code == Some(CALL_IS_OVER) {
            return Ok(());
        }
        Err(answer.as_error())
    }
}

#[async_trait::async_trait]
impl Carrier for Twilio {
    fn account(&self) -> &str {
        &self.account
    }

    async fn dial(&self, order: &DialOrder) -> Result<String, DialError> {
        self.place(&order::form(order, &self.hooks)).await
    }

    async fn ring(&self, order: &RingOrder) -> Result<String, DialError> {
        self.place(&order::ring(order, &self.hooks)).await
    }

    async fn fetch(&self, sid: &str) -> Result<Option<CarrierCall>, CarrierError> {
        let answer = self.client.send(Method::GET, &self.call_path(sid), &[]).await?;
        if answer.status == 404 {
            return Ok(None);
        }
        Ok(Some(answer.json::<wire::Call>()?.try_into()?))
    }

    async fn list(
        &self,
        to: &E164,
        from: &CallerId,
        since: Instant,
    ) -> Result<Vec<CarrierCall>, CarrierError> {
        // No filter by time: a queued call has no start time, and the list would hide it.
        let query = [
            ("To", to.as_str()),
            ("From", from.0.as_str()),
            ("PageSize", "100"),
        ];
        let mut path = format!("{}?{}", self.path("/Calls.json"), client::form(&query));
        let mut found = Vec::new();
        for _ in 0..PAGES_MAX {
            let page: wire::Page = self.client.send(Method::GET, &path, &[]).await?.json()?;
            let calls: Vec<CarrierCall> = page
                .calls
                .into_iter()
                .map(TryInto::try_into)
                .collect::<Result<_, _>>()?;
            // Newest first: once a whole page is older, so is all that follows.
            let all_older = !calls.is_empty() && calls.iter().all(|call| !since_holds(call, since));
            found.extend(calls.into_iter().filter(|call| since_holds(call, since)));
            match page.next_page_uri {
                Some(next) if !all_older && next.starts_with('/') => path = next,
                Some(next) if !all_older => return Err(wire::unreadable(&format!("next_page_uri {next}"))),
                Some(_) | None => return Ok(found),
            }
        }
        Err(CarrierError::Unreachable(format!(
            "its list goes on after {PAGES_MAX} pages"
        )))
    }

    async fn cancel(&self, sid: &str) -> Result<(), CarrierError> {
        self.update(sid, &[("Status", "canceled")]).await
    }

    async fn hang_up(&self, sid: &str) -> Result<(), CarrierError> {
        self.update(sid, &[("Status", "completed")]).await
    }

    async fn redirect(&self, sid: &str, url: &str) -> Result<(), CarrierError> {
        self.update(sid, &[("Url", url), ("Method", "POST")]).await
    }

    async fn change_participant(&self, seat: &Seat, change: &Change) -> Result<Option<String>, CarrierError> {
        let answer = self
            .of_seat(Method::POST, seat, &participants::change(change))
            .await?;
        let participant = answer
            .map(|answer| answer.json::<wire::Participant>())
            .transpose()?;
        Ok(participant.map(|participant| participant.call_sid))
    }

    async fn invite(&self, conference: &str, guest: &Guest) -> Result<String, CarrierError> {
        let path = format!("/Conferences/{}/Participants.json", client::segment(conference));
        let form = participants::guest(guest);
        let form: Vec<(&str, &str)> = form.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let answer = self.client.send(Method::POST, &self.path(&path), &form).await?;
        Ok(answer.json::<wire::Participant>()?.call_sid)
    }

    async fn dismiss(&self, seat: &Seat) -> Result<bool, CarrierError> {
        Ok(self.of_seat(Method::DELETE, seat, &[]).await?.is_some())
    }

    async fn recording(&self, sid: &str) -> Result<Option<Sound>, CarrierError> {
        // Without the parameter both sides come mixed into one.
        let path = format!("/Recordings/{}.wav?RequestedChannels=2", client::segment(sid));
        self.client.stream(&self.path(&path), SOUND).await
    }

    async fn delete_recording(&self, sid: &str) -> Result<(), CarrierError> {
        let path = self.path(&format!("/Recordings/{}.json", client::segment(sid)));
        let answer = self.client.send(Method::DELETE, &path, &[]).await?;
        if answer.is_success() || answer.status == 404 {
            return Ok(());
        }
        Err(answer.as_error())
    }

    fn signed(&self, url: &str, params: &[(String, String)], signature: &str) -> bool {
        signature::verify(self.client.token(), url, params, signature)
    }

    async fn ping(&self) -> Result<(), CarrierError> {
        let answer: Answer = self.client.send(Method::GET, &self.path(".json"), &[]).await?;
        if answer.is_success() {
            Ok(())
        } else {
            Err(answer.as_error())
        }
    }
}

/// A call whose date is not told may be the one that is looked for.
fn since_holds(call: &CarrierCall, since: Instant) -> bool {
    // The carrier tells whole seconds only.
    call.created_at
        .is_none_or(|created| created.timestamp() >= since.timestamp())
}
