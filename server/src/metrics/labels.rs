//! Labels with values from a closed list.

/// A label set: names with their values.
pub(super) type Labels<const N: usize> = [(&'static str, &'static str); N];
