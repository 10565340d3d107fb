//! Who makes a request, and what they may see and do.

use serde::{Deserialize, Serialize};

use crate::{OrderId, PrivateLink};

/// The owner of an order: a hash of a session, or the id of an API key. Never the secret itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Owner(pub [u8; 16]);

/// What a caller may see and do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// Their own orders.
    Own,
    /// The order that its private link opens, while that is the order's current link, and the caller's own orders.
    Tracked(PrivateLink),
    /// All orders.
    Desk,
}

/// Who may see an order, as stored with the order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OrderAccess {
    /// Its owner; none for an order that was submitted without session or key.
    pub owner: Option<Owner>,
    /// The generation of its current private link.
    pub link_generation: u32,
}

/// The caller of a request: determined once per request and passed with every query.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Caller {
    /// The owner of the caller's orders; none without session and key.
    pub owner: Option<Owner>,
    /// What they may see.
    pub scope: Scope,
}

impl Caller {
    /// A caller without session, key and token.
    pub const ANONYMOUS: Self = Self { owner: None, scope: Scope::Own };

    /// Returns a caller with a session or key, who sees their own orders.
    pub const fn own(owner: Owner) -> Self {
        Self { owner: Some(owner), scope: Scope::Own }
    }

    /// Whether the caller may see and change an order.
    pub fn may_see(&self, order: OrderId, access: OrderAccess) -> bool {
        let link = PrivateLink { order, generation: access.link_generation };
        self.scope == Scope::Tracked(link) || self.may_replace_link(access)
    }

    /// Whether the caller may replace the private link of an order. Such a caller may see and change the order,
    /// whatever its link is.
    pub fn may_replace_link(&self, access: OrderAccess) -> bool {
        self.scope == Scope::Desk || (self.owner.is_some() && self.owner == access.owner)
    }
}

impl Caller {
    /// Whether the caller may change where the mails about an order go. A mail carries the private link, so whoever
    /// has only that link may not redirect mails, unless the order has no owner.
    pub fn may_correct_email(&self, order: OrderId, access: OrderAccess) -> bool {
        let link = PrivateLink { order, generation: access.link_generation };
        let is_only_access = access.owner.is_none() && self.scope == Scope::Tracked(link);
        is_only_access || self.may_replace_link(access)
    }
}

/// The caller's name for one submission, 1 to 255 printable ASCII characters. One key never makes two orders.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct IdempotencyKey(String);

/// The key is empty, too long, or has unprintable characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a key is 1 to 255 printable ASCII characters")]
pub struct NotAKey;

impl IdempotencyKey {
    /// Validates a key.
    ///
    /// # Errors
    /// When it is not 1 to 255 printable ASCII characters.
    pub fn new(text: impl Into<String>) -> Result<Self, NotAKey> {
        let text = text.into();
        let printable = text.bytes().all(|b| (b' '..=b'~').contains(&b));
        if (1..=255).contains(&text.len()) && printable { Ok(Self(text)) } else { Err(NotAKey) }
    }

    /// The key as the caller sent it.
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
        let adas = OrderAccess { owner: Some(ada), link_generation: 0 };
        assert!(Caller::own(ada).may_see(order, adas));
        assert!(!Caller::own(eve).may_see(order, adas));
        let nobodys = OrderAccess { owner: None, link_generation: 0 };
        assert!(!Caller::ANONYMOUS.may_see(order, nobodys), "nobody's orders are not everybody's");
        let tracked = Caller { owner: None, scope: Scope::Tracked(PrivateLink { order, generation: 0 }) };
        assert!(tracked.may_see(order, adas) && !tracked.may_see(other, adas));
        assert!(Caller { owner: None, scope: Scope::Desk }.may_see(order, adas));
    }

    #[test]
    fn a_replaced_link_opens_nothing_and_the_owner_and_the_desk_see_the_order_as_before() {
        let order = OrderId::new(Timestamp::from_millis(0), [1; 10]);
        let ada = Owner([1; 16]);
        let replaced_once = OrderAccess { owner: Some(ada), link_generation: 1 };
        let by_link = |generation| Scope::Tracked(PrivateLink { order, generation });
        for (generation, opens) in [(0, false), (1, true), (2, false)] {
            let holder = Caller { owner: None, scope: by_link(generation) };
            assert_eq!(holder.may_see(order, replaced_once), opens, "{generation}");
            assert!(!holder.may_replace_link(replaced_once), "{generation}");
        }
        for caller in [
            Caller::own(ada),
            Caller { owner: Some(ada), scope: by_link(0) },
            Caller { owner: None, scope: Scope::Desk },
        ] {
            assert!(caller.may_see(order, replaced_once) && caller.may_replace_link(replaced_once));
        }
    }

    #[test]
    fn a_private_link_does_not_move_the_mails_of_an_order_that_has_an_owner() {
        let order = OrderId::new(Timestamp::from_millis(0), [1; 10]);
        let (ada, eve) = (Owner([1; 16]), Owner([2; 16]));
        let of = |owner| OrderAccess { owner, link_generation: 0 };
        let (adas, nobodys) = (of(Some(ada)), of(None));
        let by_link = |owner| Caller { owner, scope: Scope::Tracked(PrivateLink { order, generation: 0 }) };
        assert!(Caller::own(ada).may_correct_email(order, adas));
        assert!(by_link(Some(ada)).may_correct_email(order, adas), "the owner by the link");
        assert!(!by_link(None).may_correct_email(order, adas));
        assert!(!by_link(Some(eve)).may_correct_email(order, adas));
        assert!(by_link(None).may_correct_email(order, nobodys), "the order has nobody else");
        let replaced = OrderAccess { link_generation: 1, ..nobodys };
        assert!(!by_link(None).may_correct_email(order, replaced), "the link was replaced");
        assert!(!Caller::ANONYMOUS.may_correct_email(order, nobodys));
        assert!(Caller { owner: None, scope: Scope::Desk }.may_correct_email(order, adas));
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
