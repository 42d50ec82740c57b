//! `<Connect><Stream>`, `<Start><Stream>`, `<Stop><Stream>`.

use std::sync::Arc;

use super::{
    perform::Next,
    report::{Params, params},
    talk::{Halt, Talk},
};
use crate::{
    audio::Frame,
    clock,
    stream::{Incoming, Link, Playout, Side, StreamError},
    twiml::{StreamSpec, Target},
};

/// How a two-way stream came to its end.
enum Over {
    /// The platform closed it.
    Closed,
    Broke(StreamError),
}

impl Talk {
    /// A two-way stream, until the platform closes it; then its action, or the next verb.
    pub(super) async fn connect(&mut self, spec: StreamSpec, action: Option<Target>) -> Result<Next, Halt> {
        let callback = spec.callback.clone();
        let mut link = match self.open(spec).await? {
            Ok(link) => link,
            Err(error) => {
                tracing::warn!(call.id = %self.leg.call.sid, %error, "a media stream could not be opened");
                self.tell_stream(callback, "stream-error", "", Some(&error));
                return Ok(Next::action(action, params([("StreamError", error.to_string())])));
            }
        };
        let streamed = self.stream(&mut link).await;
        let mut extra = params([
            ("StreamSid", link.sid.clone()),
            ("StreamName", link.spec.name.clone()),
        ]);
        match streamed {
            Err(halt) => {
                self.stream_over(link);
                return Err(halt);
            }
            Ok(Over::Closed) => self.stream_over(link),
            Ok(Over::Broke(error)) => {
                extra.push(("StreamError".to_owned(), error.to_string()));
                self.stream_broke(link, &error);
            }
        }
        Ok(Next::action(action, extra))
    }

    async fn stream(&mut self, link: &mut Link) -> Result<Over, Halt> {
        let mut playout = Playout::default();
        loop {
            tokio::select! {
                biased;
                beat = self.beat() => {
                    beat?;
                    let heard = playout.next();
                    if let Err(error) = self.stream_beat(link, &mut playout, &heard).await? {
                        return Ok(Over::Broke(error));
                    }
                }
                message = link.next() => {
                    match message {
                        None => return Ok(Over::Closed),
                        Some(Err(error)) => return Ok(Over::Broke(error)),
                        Some(Ok(message)) => {
                            if let Err(error) = take(&mut playout, message) {
                                return Ok(Over::Broke(error));
                            }
                        }
                    }
                    if let Err(error) = return_marks(link, &mut playout) {
                        return Ok(Over::Broke(error));
                    }
                }
            }
        }
    }

    async fn stream_beat(
        &mut self,
        link: &mut Link,
        playout: &mut Playout,
        heard: &Frame,
    ) -> Result<Result<(), StreamError>, Halt> {
        let said = self.exchange(heard).await?;
        Ok(link
            .media(Side::Inbound, said.frame.as_ref())
            .and_then(|()| said.key.map_or(Ok(()), |key| link.dtmf(key)))
            .and_then(|()| return_marks(link, playout)))
    }

    /// A copy of the call's sound for the platform, beside what follows.
    pub(super) async fn start_stream(&mut self, spec: StreamSpec) -> Result<(), Halt> {
        let callback = spec.callback.clone();
        match self.open(spec).await? {
            Ok(link) => self.forks.push(link),
            Err(error) => {
                tracing::warn!(call.id = %self.leg.call.sid, %error, "a media stream could not be started");
                self.tell_stream(callback, "stream-error", "", Some(&error));
            }
        }
        Ok(())
    }

    pub(super) fn stop_stream(&mut self, name: &str) {
        let (stopped, kept) = std::mem::take(&mut self.forks)
            .into_iter()
            .partition(|link| link.spec.name == name);
        self.forks = kept;
        let stopped: Vec<Link> = stopped;
        for link in stopped {
            self.stream_over(link);
        }
    }

    async fn open(&mut self, spec: StreamSpec) -> Result<Result<Link, StreamError>, Halt> {
        let (switch, call) = (Arc::clone(&self.leg.switch), self.leg.call.clone());
        let callback = spec.callback.clone();
        let opened = self
            .during(async move { Link::open(switch, &call, spec).await })
            .await?;
        if let Ok(link) = &opened {
            self.tell_stream(callback, "stream-started", &link.sid, None);
        }
        Ok(opened)
    }

    /// A stream has come to its regular end.
    pub(super) fn stream_over(&self, link: Link) {
        self.tell_stream(link.spec.callback.clone(), "stream-stopped", &link.sid, None);
        link.stop();
    }

    /// A stream has broken.
    pub(super) fn stream_broke(&self, link: Link, error: &StreamError) {
        tracing::warn!(call.id = %self.leg.call.sid, %error, "a media stream broke");
        self.tell_stream(link.spec.callback.clone(), "stream-error", &link.sid, Some(error));
        link.stop();
    }

    fn tell_stream(
        &self,
        target: Option<Target>,
        event: &str,
        stream_sid: &str,
        error: Option<&StreamError>,
    ) {
        let Some(target) = target else { return };
        let mut extra: Params = params([
            ("StreamSid", stream_sid.to_owned()),
            ("StreamEvent", event.to_owned()),
            ("Timestamp", clock::rfc2822(clock::now())),
        ]);
        if let Some(error) = error {
            extra.push(("StreamError".to_owned(), error.to_string()));
        }
        self.leg.switch.hooks.notify(self.leg.request(target, &extra));
    }
}

fn take(playout: &mut Playout, message: Incoming) -> Result<(), StreamError> {
    let overflow = |_| StreamError::Overflow(Playout::SECONDS_MAX);
    match message {
        Incoming::Media(sound) => playout.push(&sound).map_err(overflow),
        Incoming::Mark(name) => playout.mark(name).map_err(overflow),
        Incoming::Clear => {
            playout.clear();
            Ok(())
        }
    }
}

fn return_marks(link: &mut Link, playout: &mut Playout) -> Result<(), StreamError> {
    while let Some(name) = playout.due_mark() {
        link.mark(&name)?;
    }
    Ok(())
}
