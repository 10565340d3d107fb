//! The handlers by kind of job.

use std::collections::BTreeMap;
use std::fmt;

use crate::handler::Handler;
use crate::name::JobKind;

/// The handler of every kind of job.
pub struct Registry<E>(BTreeMap<JobKind, Box<dyn Handler<E>>>);

impl<E: Send> Registry<E> {
    /// An empty registry.
    pub fn new() -> Self {
        Self(BTreeMap::new())
    }

    /// Adds the handler of a kind.
    ///
    /// # Panics
    ///
    /// When the kind has a handler already: the program would otherwise run jobs with the wrong code.
    #[must_use]
    pub fn with(mut self, kind: JobKind, handler: impl Handler<E> + 'static) -> Self {
        let before = self.0.insert(kind.clone(), Box::new(handler));
        assert!(before.is_none(), "the kind {kind} has two handlers");
        self
    }

    /// The handler of a kind.
    pub fn get(&self, kind: &JobKind) -> Option<&dyn Handler<E>> {
        self.0.get(kind).map(|handler| &**handler)
    }

    /// Every kind that has a handler, in alphabetical order.
    pub fn kinds(&self) -> impl Iterator<Item = &JobKind> {
        self.0.keys()
    }
}

impl<E: Send> Default for Registry<E> {
    fn default() -> Self {
        Self::new()
    }
}

impl<E> fmt::Debug for Registry<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt;
    use futures::future::BoxFuture;

    use super::*;
    use crate::handler::Verdict;
    use crate::lease::Leased;

    struct Done;

    impl Handler<()> for Done {
        fn handle<'a>(&'a self, _: &'a Leased) -> BoxFuture<'a, Verdict<()>> {
            async { Verdict::completed() }.boxed()
        }
    }

    #[test]
    fn a_kind_has_its_handler_and_an_unknown_kind_has_none() {
        let registry = Registry::new().with(JobKind::new("known"), Done);
        assert!(registry.get(&JobKind::from("known".to_owned())).is_some());
        assert!(registry.get(&JobKind::new("unknown")).is_none());
    }

    #[test]
    #[should_panic(expected = "the kind twice has two handlers")]
    fn a_kind_cannot_have_two_handlers() {
        let _ = Registry::new().with(JobKind::new("twice"), Done).with(JobKind::new("twice"), Done);
    }
}
