//! A cache of API keys.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use async_trait::async_trait;
use orders::Timestamp;

use super::keys::{ApiKey, KeyRing};
use crate::store::ReadError;

/// How long a key is cached. A revoked or changed key takes effect after this time.
const MAX_AGE: Duration = Duration::from_secs(1);
/// How many keys are cached. Others are looked up each time.
const MAX_CACHED: usize = 1024;

/// A key ring that caches what it finds for a second, so that a program with a thousand orders a second does not
/// cause a thousand look-ups. Unknown keys are not cached, so a new key works at once.
pub struct KnownKeys {
    ring: Arc<dyn KeyRing>,
    now: Box<dyn Fn() -> Timestamp + Send + Sync>,
    known: RwLock<HashMap<[u8; 32], (Timestamp, ApiKey)>>,
}

impl KnownKeys {
    /// Caches what `ring` finds.
    pub fn of(ring: Arc<dyn KeyRing>, now: impl Fn() -> Timestamp + Send + Sync + 'static) -> Self {
        Self { ring, now: Box::new(now), known: RwLock::default() }
    }

    fn known(&self, hash: &[u8; 32], now: Timestamp) -> Option<ApiKey> {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        let (found_at, key) = known.get(hash)?;
        is_fresh(*found_at, now).then(|| key.clone())
    }

    fn remember(&self, hash: [u8; 32], key: ApiKey, now: Timestamp) {
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= MAX_CACHED {
            known.retain(|_, (found_at, _)| is_fresh(*found_at, now));
        }
        if known.len() < MAX_CACHED {
            known.insert(hash, (now, key));
        }
    }
}

#[async_trait]
impl KeyRing for KnownKeys {
    async fn find_key(&self, hash: [u8; 32]) -> Result<Option<ApiKey>, ReadError> {
        // Taken before the look-up, so that no entry lives too long.
        let now = (self.now)();
        if let Some(key) = self.known(&hash, now) {
            return Ok(Some(key));
        }
        let found = self.ring.find_key(hash).await?;
        if let Some(key) = &found {
            self.remember(hash, key.clone(), now);
        }
        Ok(found)
    }

    async fn add_key(&self, key: ApiKey, hash: [u8; 32], at: Timestamp) -> Result<(), ReadError> {
        self.ring.add_key(key, hash, at).await
    }
}

/// A clock that was set back does not extend the life of an entry.
fn is_fresh(found_at: Timestamp, now: Timestamp) -> bool {
    found_at <= now && now.since(found_at) < MAX_AGE
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};

    use futures::FutureExt as _;
    use orders::Owner;

    use super::*;
    use crate::identity::keys::KeyScope;

    /// Knows keys whose hash begins with 1, and counts its look-ups.
    #[derive(Default)]
    struct Ring(AtomicUsize);

    #[async_trait]
    impl KeyRing for Ring {
        async fn find_key(&self, hash: [u8; 32]) -> Result<Option<ApiKey>, ReadError> {
            self.0.fetch_add(1, Ordering::Relaxed);
            let key = ApiKey {
                id: Owner([1; 16]),
                name: "a till".to_owned(),
                scope: KeyScope::Orders,
                orders_per_minute: None,
            };
            Ok((hash[0] == 1).then_some(key))
        }

        async fn add_key(&self, _: ApiKey, _: [u8; 32], _: Timestamp) -> Result<(), ReadError> {
            Ok(())
        }
    }

    fn keys() -> (KnownKeys, Arc<Ring>, Arc<AtomicI64>) {
        let (ring, clock) = (Arc::new(Ring::default()), Arc::new(AtomicI64::new(10_000)));
        let time = clock.clone();
        let now = move || Timestamp::from_millis(time.load(Ordering::Relaxed));
        (KnownKeys::of(ring.clone(), now), ring, clock)
    }

    fn finds(keys: &KnownKeys, hash: [u8; 32]) -> bool {
        keys.find_key(hash).now_or_never().unwrap().unwrap().is_some()
    }

    #[test]
    fn a_key_is_looked_up_once_a_second() {
        let (keys, ring, clock) = keys();
        for passed in [0, 1, 999, 1_000, 1_001] {
            clock.store(10_000 + passed, Ordering::Relaxed);
            assert!(finds(&keys, [1; 32]));
        }
        assert_eq!(ring.0.load(Ordering::Relaxed), 2);
    }

    #[test]
    fn an_unknown_key_is_not_cached() {
        let (keys, ring, _) = keys();
        assert!(!finds(&keys, [2; 32]) && !finds(&keys, [2; 32]));
        assert_eq!(ring.0.load(Ordering::Relaxed), 2);
    }

    #[test]
    fn a_clock_that_was_set_back_does_not_keep_a_key_alive() {
        let (keys, ring, clock) = keys();
        assert!(finds(&keys, [1; 32]));
        clock.store(0, Ordering::Relaxed);
        assert!(finds(&keys, [1; 32]));
        assert_eq!(ring.0.load(Ordering::Relaxed), 2);
    }

    #[test]
    fn the_cache_is_bounded_and_evicts_old_entries() {
        let (keys, _, clock) = keys();
        let hash = |number: u16| {
            let mut hash = [1; 32];
            hash[1..3].copy_from_slice(&number.to_le_bytes());
            hash
        };
        for number in 0..2 * MAX_CACHED as u16 {
            assert!(finds(&keys, hash(number)));
        }
        assert_eq!(keys.known.read().unwrap().len(), MAX_CACHED);
        clock.fetch_add(1_000, Ordering::Relaxed);
        assert!(finds(&keys, hash(u16::MAX)));
        assert_eq!(keys.known.read().unwrap().len(), 1);
    }
}
