//! The callers of the model: their keys, and the last answer of each.

/// The keys of the callers. Two share one: somebody clicked twice.
pub(super) const KEYS: [u8; 3] = [1, 1, 2];

/// The last answer to a caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub(super) enum Answer {
    /// Has not sent its command.
    #[default]
    Nothing,
    /// The command is with the writer.
    Waits,
    /// Stored as this order.
    Stored(u8),
    /// Retry with the same key.
    Unknown,
    /// Nothing was written.
    Refused,
}

/// Each attempt would make an order of its own.
pub(super) const fn order_of(caller: usize, tries: u8) -> u8 {
    10 * (caller as u8 + 1) + tries
}
