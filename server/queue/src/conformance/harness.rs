//! What a store brings along to be tested.

use std::sync::Arc;

use crate::store::Store;

/// The effect of a harness's store.
pub type EffectOf<H> = <<H as Harness>::Store as Store>::Effect;

/// A store to be tested, and effects that leave a mark one can look for.
pub trait Harness: Send + Sync + Sized + 'static {
    type Store: Store;

    /// A store of its own with nothing in it.
    fn start() -> impl Future<Output = Self> + Send;

    /// The store under test.
    fn store(&self) -> Arc<Self::Store>;

    /// An effect that the store will write, leaving this mark.
    fn accepted_effect(&self, mark: &str) -> impl Future<Output = EffectOf<Self>> + Send;

    /// An effect that the store will refuse, as the world has moved on; it would leave this mark.
    fn refused_effect(&self, mark: &str) -> impl Future<Output = EffectOf<Self>> + Send;

    /// The marks of all effects written so far, one for each time it was written, in any order.
    fn marks(&self) -> impl Future<Output = Vec<String>> + Send;
}
