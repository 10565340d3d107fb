//! The limit of open streams for each session.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use orders::{Owner, Problem, ProblemCode};

use super::rate_limit_key::RateLimitKey;

/// Counts the open streams of each session. API keys and callers without a session are limited by their connections.
#[derive(Debug)]
pub struct OpenStreams {
    at_most: u32,
    open: Mutex<HashMap<Owner, u32>>,
}

/// The permit for one stream, released when it is dropped.
#[derive(Debug)]
pub struct StreamPermit {
    streams: Arc<OpenStreams>,
    session: Option<Owner>,
}

impl OpenStreams {
    /// Allows this many streams for each session.
    pub fn at_most(at_most: u32) -> Self {
        Self { at_most, open: Mutex::default() }
    }

    /// Takes the permit for one more stream.
    ///
    /// # Errors
    /// `too-many-streams` when the session has reached its limit.
    pub fn take(self: &Arc<Self>, subject: RateLimitKey) -> Result<StreamPermit, Problem> {
        let session = match subject {
            RateLimitKey::Session(owner) => Some(owner),
            RateLimitKey::Key(_) | RateLimitKey::Address(_) | RateLimitKey::SessionsAt(_) => None,
        };
        if let Some(owner) = session {
            let mut open = self.open();
            let count = open.entry(owner).or_default();
            if *count >= self.at_most {
                let detail = format!("A session has at most {} streams.", self.at_most);
                return Err(Problem::new(ProblemCode::TooManyStreams).detail(detail).retry_after(10));
            }
            *count += 1;
        }
        Ok(StreamPermit { streams: self.clone(), session })
    }

    fn open(&self) -> MutexGuard<'_, HashMap<Owner, u32>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for StreamPermit {
    fn drop(&mut self) {
        let Some(owner) = self.session else { return };
        let mut open = self.streams.open();
        if let Some(count) = open.get_mut(&owner) {
            *count -= 1;
            if *count == 0 {
                open.remove(&owner);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_permit_is_released_when_a_stream_ends() {
        let streams = Arc::new(OpenStreams::at_most(2));
        let ada = RateLimitKey::Session(Owner([1; 16]));
        let first = streams.take(ada).unwrap();
        let _second = streams.take(ada).unwrap();
        assert_eq!(streams.take(ada).unwrap_err().code, ProblemCode::TooManyStreams);
        assert!(
            streams.take(RateLimitKey::Key(Owner([1; 16]))).is_ok(),
            "keys are limited by their connections"
        );
        drop(first);
        assert!(streams.take(ada).is_ok());
    }

    #[test]
    fn sessions_without_streams_use_no_memory() {
        let streams = Arc::new(OpenStreams::at_most(2));
        drop(streams.take(RateLimitKey::Session(Owner([1; 16]))));
        assert!(streams.open().is_empty());
    }
}
