//! What the workers of a process share.

use std::fmt;
use std::sync::Arc;

use crate::clock::{Clock, Timestamp};
use crate::random::Random;
use crate::registry::Registry;
use crate::store::Store;
use crate::wakeup::Wakeup;

/// The store, the handlers, the clock, random numbers and the hints. Clones share all of them.
pub struct Runtime<S: Store> {
    pub store: Arc<S>,
    pub registry: Arc<Registry<S::Effect>>,
    pub clock: Arc<dyn Clock>,
    pub random: Arc<dyn Random>,
    pub wakeup: Wakeup,
}

impl<S: Store> Runtime<S> {
    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }
}

impl<S: Store> Clone for Runtime<S> {
    fn clone(&self) -> Self {
        Self {
            store: self.store.clone(),
            registry: self.registry.clone(),
            clock: self.clock.clone(),
            random: self.random.clone(),
            wakeup: self.wakeup.clone(),
        }
    }
}

impl<S: Store> fmt::Debug for Runtime<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Runtime").field("registry", &self.registry).finish_non_exhaustive()
    }
}
