//! What was spoken lately: a greeting costs nothing the second time.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

/// A clause and how fast it is spoken.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Key {
    /// Its words and its mark.
    pub(super) text: String,
    /// In percent of the voice's own speed.
    pub(super) speed_percent: u16,
}

/// Finished clauses, the least recently used of which go when it is full.
#[derive(Debug)]
pub(super) struct Cache {
    entries: HashMap<Key, Arc<[i16]>>,
    /// Least recently used first.
    order: VecDeque<Key>,
    bytes: usize,
    bytes_max: usize,
}

impl Cache {
    pub(super) fn new(bytes_max: usize) -> Self {
        Self {
            entries: HashMap::new(),
            order: VecDeque::new(),
            bytes: 0,
            bytes_max,
        }
    }

    pub(super) fn get(&mut self, key: &Key) -> Option<Arc<[i16]>> {
        let audio = Arc::clone(self.entries.get(key)?);
        if let Some(at) = self.order.iter().position(|known| known == key)
            && let Some(key) = self.order.remove(at)
        {
            self.order.push_back(key);
        }
        Some(audio)
    }

    pub(super) fn put(&mut self, key: Key, audio: &Arc<[i16]>) {
        let size = size(&key, audio);
        if size > self.bytes_max || self.entries.contains_key(&key) {
            return;
        }
        while self.bytes + size > self.bytes_max
            && let Some(oldest) = self.order.pop_front()
            && let Some(audio) = self.entries.remove(&oldest)
        {
            self.bytes -= self::size(&oldest, &audio);
        }
        self.bytes += size;
        self.order.push_back(key.clone());
        self.entries.insert(key, Arc::clone(audio));
    }
}

fn size(key: &Key, audio: &Arc<[i16]>) -> usize {
    // Key and bookkeeping are small beside the audio, and counted twice.
    2 * key.text.len() + 2 * audio.len() + 128
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(text: &str) -> Key {
        Key {
            text: text.into(),
            speed_percent: 100,
        }
    }

    #[test]
    fn the_least_recently_used_goes_first_and_the_bound_holds() {
        let audio: Arc<[i16]> = vec![0; 1_000].into();
        let mut cache = Cache::new(3 * 2_200);
        for name in ["a", "b", "c"] {
            cache.put(key(name), &audio);
        }
        assert!(cache.get(&key("a")).is_some());
        cache.put(key("d"), &audio);
        assert!(cache.get(&key("b")).is_none());
        assert!(["a", "c", "d"].iter().all(|name| cache.get(&key(name)).is_some()));
        assert!(cache.bytes <= cache.bytes_max);
        cache.put(key("huge"), &vec![0; 10_000].into());
        assert!(cache.get(&key("huge")).is_none() && cache.get(&key("d")).is_some());
    }

    #[test]
    fn another_speed_is_another_clause() {
        let mut cache = Cache::new(10_000);
        cache.put(key("a"), &vec![1; 10].into());
        assert!(
            cache
                .get(&Key {
                    speed_percent: 120,
                    ..key("a")
                })
                .is_none()
        );
    }
}
