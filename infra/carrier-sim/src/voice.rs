//! The voice of the simulated people, and the cache in front of it.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use tokio::sync::{OnceCell, oneshot};

/// Speaks for the simulated people and for the carrier's `<Say>`.
#[async_trait::async_trait]
pub trait SimVoice: Send + Sync {
    /// The text as speech: 8 kHz, mono, 16-bit. Must end by itself; an empty answer is silence.
    async fn say(&self, text: &str) -> Vec<i16>;
}

/// Speech ready to be played.
pub(crate) type Clip = Arc<[i16]>;

/// At most so many texts are kept; the people's own lines are about 40.
const KEPT_MAX: usize = 256;

/// The voice with a memory: a text is spoken once, however many calls want it at the same time.
pub(crate) struct VoiceCache {
    voice: Arc<dyn SimVoice>,
    spoken: Mutex<HashMap<String, Arc<OnceCell<Clip>>>>,
}

impl VoiceCache {
    pub(crate) fn new(voice: Arc<dyn SimVoice>) -> Self {
        Self {
            voice,
            spoken: Mutex::default(),
        }
    }

    /// The text as speech, from memory if it was spoken before.
    pub(crate) async fn clip(&self, text: &str) -> Clip {
        let cell = self.cell(text);
        cell.get_or_init(|| async { Clip::from(self.voice.say(text).await) })
            .await
            .clone()
    }

    /// Starts speaking elsewhere, so that a call's 20 ms beat never waits for it.
    pub(crate) fn begin(self: &Arc<Self>, text: &str) -> oneshot::Receiver<Clip> {
        let (done, clip) = oneshot::channel();
        let (cache, text) = (Arc::clone(self), text.to_owned());
        tokio::spawn(async move {
            // Nobody listening any more: the call has ended meanwhile.
            let _ = done.send(cache.clip(&text).await);
        });
        clip
    }

    fn cell(&self, text: &str) -> Arc<OnceCell<Clip>> {
        let mut spoken = self.spoken.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(cell) = spoken.get(text) {
            return Arc::clone(cell);
        }
        if spoken.len() >= KEPT_MAX {
            // Texts from TwiML may each be new; dropping all is rare and keeps this simple.
            spoken.clear();
        }
        Arc::clone(spoken.entry(text.to_owned()).or_default())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    struct Counting(AtomicUsize);

    #[async_trait::async_trait]
    impl SimVoice for Counting {
        async fn say(&self, text: &str) -> Vec<i16> {
            self.0.fetch_add(1, Ordering::SeqCst);
            tokio::task::yield_now().await;
            vec![1; text.len()]
        }
    }

    #[tokio::test]
    async fn a_text_is_spoken_once_and_memory_is_bounded() {
        let voice = Arc::new(Counting(AtomicUsize::new(0)));
        let cache = Arc::new(VoiceCache::new(Arc::clone(&voice) as Arc<dyn SimVoice>));
        let (a, b) = tokio::join!(cache.clip("hello"), cache.clip("hello"));
        assert_eq!((a.len(), b.len()), (5, 5));
        assert_eq!(cache.begin("hello").await.unwrap().len(), 5);
        assert_eq!(voice.0.load(Ordering::SeqCst), 1);
        for n in 0..2 * KEPT_MAX {
            cache.clip(&format!("line {n}")).await;
        }
        assert!(cache.spoken.lock().unwrap().len() <= KEPT_MAX);
    }
}
