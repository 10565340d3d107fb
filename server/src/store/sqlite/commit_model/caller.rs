//! The callers of the model: their keys, and what each has been answered.

/// The keys of the callers. Two of them share one: somebody pressed the button twice.
pub(super) const KEYS: [u8; 3] = [1, 1, 2];

/// What a caller has been answered so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub(super) enum Answer {
    /// Has not asked yet.
    #[default]
    Nothing,
    /// The command is with the writer.
    Waits,
    /// Stored as this order.
    Stored(u8),
    /// Ask again with the same key.
    Unknown,
    /// Nothing was written.
    Refused,
}

/// Each try would make an order of its own.
pub(super) const fn order_of(caller: usize, tries: u8) -> u8 {
    10 * (caller as u8 + 1) + tries
}
