//! Who asks.

use serde::{Deserialize, Serialize};

use crate::OrderId;

/// Whose an order is: a hash of a session's or the id of an API key's secret. Never the secret itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Owner(pub [u8; 16]);

/// What a caller may see and do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// Their own orders.
    Own,
    /// One order, opened by its tracking token, and with it their own.
    Tracked(OrderId),
    /// All orders.
    Desk,
}

/// Who asks: established once per request, carried with every query.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Caller {
    /// Whose orders they are; none for somebody without session and key.
    pub owner: Option<Owner>,
    /// What they may see.
    pub scope: Scope,
}

impl Caller {
    /// Somebody without session, key and token.
    pub const ANONYMOUS: Self = Self { owner: None, scope: Scope::Own };

    /// The owner of a session or key, with their own orders.
    pub const fn own(owner: Owner) -> Self {
        Self { owner: Some(owner), scope: Scope::Own }
    }

    /// Whether an order of `owner` may be seen and changed.
    pub fn may_see(&self, order: OrderId, owner: Option<Owner>) -> bool {
        match self.scope {
            Scope::Desk => true,
            Scope::Tracked(tracked) if tracked == order => true,
            _ => self.owner.is_some() && self.owner == owner,
        }
    }
}

impl Caller {
    /// Whether the caller may say where the mails about an order of `owner` go. Mails bring the private link of the order,
    /// so whoever only has that link may not, unless the order has nobody else.
    pub fn may_correct_email(&self, order: OrderId, owner: Option<Owner>) -> bool {
        match self.scope {
            Scope::Desk => true,
            Scope::Tracked(tracked) if tracked == order && owner.is_none() => true,
            _ => self.owner.is_some() && self.owner == owner,
        }
    }
}

/// The caller's own name for one submission, 1 to 255 printable characters: the same key never makes two orders.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct IdempotencyKey(String);

/// The key is empty, too long, or has characters that cannot be printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a key is 1 to 255 printable ASCII characters")]
pub struct NotAKey;

impl IdempotencyKey {
    /// Judges a key.
    ///
    /// # Errors
    /// When it is not 1 to 255 printable ASCII characters.
    pub fn new(text: impl Into<String>) -> Result<Self, NotAKey> {
        let text = text.into();
        let printable = text.bytes().all(|b| (b' '..=b'~').contains(&b));
        if (1..=255).contains(&text.len()) && printable { Ok(Self(text)) } else { Err(NotAKey) }
    }

    /// The key as the caller wrote it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Timestamp;

    #[test]
    fn a_caller_sees_their_own_orders_and_nobody_elses() {
        let order = OrderId::new(Timestamp::from_millis(0), [1; 10]);
        let other = OrderId::new(Timestamp::from_millis(0), [2; 10]);
        let (ada, eve) = (Owner([1; 16]), Owner([2; 16]));
        assert!(Caller::own(ada).may_see(order, Some(ada)));
        assert!(!Caller::own(eve).may_see(order, Some(ada)));
        assert!(!Caller::ANONYMOUS.may_see(order, None), "nobody's orders are not everybody's");
        let tracked = Caller { owner: None, scope: Scope::Tracked(order) };
        assert!(tracked.may_see(order, Some(ada)) && !tracked.may_see(other, Some(ada)));
        assert!(Caller { owner: None, scope: Scope::Desk }.may_see(order, Some(ada)));
    }

    #[test]
    fn a_private_link_does_not_move_the_mails_of_an_order_that_has_an_owner() {
        let order = OrderId::new(Timestamp::from_millis(0), [1; 10]);
        let (ada, eve) = (Owner([1; 16]), Owner([2; 16]));
        let by_link = |owner| Caller { owner, scope: Scope::Tracked(order) };
        assert!(Caller::own(ada).may_correct_email(order, Some(ada)));
        assert!(by_link(Some(ada)).may_correct_email(order, Some(ada)), "the owner by the link");
        assert!(!by_link(None).may_correct_email(order, Some(ada)));
        assert!(!by_link(Some(eve)).may_correct_email(order, Some(ada)));
        assert!(by_link(None).may_correct_email(order, None), "the order has nobody else");
        assert!(!Caller::ANONYMOUS.may_correct_email(order, None));
        assert!(Caller { owner: None, scope: Scope::Desk }.may_correct_email(order, Some(ada)));
    }

    #[test]
    fn a_key_is_printable_and_not_too_long() {
        assert!(IdempotencyKey::new("k".repeat(255)).is_ok());
        assert!(IdempotencyKey::new("k".repeat(256)).is_err());
        assert!(IdempotencyKey::new("").is_err());
        assert!(IdempotencyKey::new("a\nb").is_err());
        assert!(IdempotencyKey::new("käse").is_err());
    }
}
