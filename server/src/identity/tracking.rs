//! The token that opens one order without an account.
//!
//! It is computed from the order's id and the generation of its link, so that replays, mails and pages all have the
//! same one, and only a number is stored for each order. The format is `trk_` and base64url of: the sixteen bytes of
//! the id; after the first replacement, four bytes of the generation; and the first sixteen bytes of an HMAC-SHA-256
//! over those.
//!
//! A token of another installation is recognised without a look-up. Whether a valid token still belongs to the
//! order's current link is checked with the order: see [`Caller::may_see`](orders::Caller::may_see).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use orders::{OrderId, PrivateLink, Timestamp, TrackingToken};
use sha2::Sha256;

const PREFIX: &str = "trk_";
const ID_BYTES: usize = 16;
/// The length of the code in a token: 128 bits cannot be guessed.
const CODE_BYTES: usize = 16;

/// The key of all tracking tokens of this shop.
#[derive(Clone)]
pub struct TrackingKey {
    key: Hmac<Sha256>,
    earlier: Option<EarlierKey>,
}

/// The key of an earlier version, which made the first links of the orders that it accepted.
#[derive(Clone)]
struct EarlierKey {
    key: Hmac<Sha256>,
    until: Timestamp,
}

impl TrackingKey {
    /// Returns the key of a secret.
    pub fn new(secret: [u8; 32]) -> Self {
        Self { key: hmac(secret), earlier: None }
    }

    /// Adds the key that made the first links of orders accepted up to a time. Those links stay valid; links that
    /// replace them are made with the current key.
    #[must_use]
    pub fn with_earlier(self, secret: [u8; 32], until: Timestamp) -> Self {
        Self { earlier: Some(EarlierKey { key: hmac(secret), until }), ..self }
    }

    /// Returns the token of a link, the same at every call.
    pub fn mint(&self, link: PrivateLink) -> TrackingToken {
        let named = named(link);
        let code = self.key_of(link).clone().chain_update(&named).finalize().into_bytes();
        let token = [&named, &code[..CODE_BYTES]].concat();
        TrackingToken::new(format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(token)))
    }

    /// Returns the link of a token, if this installation made it. The code is compared in constant time.
    pub fn open(&self, token: &TrackingToken) -> Option<PrivateLink> {
        let text = token.reveal().strip_prefix(PREFIX)?;
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        let (id, rest) = bytes.split_first_chunk::<ID_BYTES>()?;
        let (generation, code) = rest.split_last_chunk::<CODE_BYTES>()?;
        let generation = match generation {
            [] => 0,
            _ => u32::from_be_bytes(generation.try_into().ok()?),
        };
        let link = PrivateLink { order: OrderId::from_bytes(*id), generation };
        let named = named(link);
        // A link has one spelling.
        if bytes.len() != named.len() + CODE_BYTES {
            return None;
        }
        self.key_of(link).clone().chain_update(&named).verify_truncated_left(code).ok()?;
        Some(link)
    }

    fn key_of(&self, link: PrivateLink) -> &Hmac<Sha256> {
        let earlier = self.earlier.as_ref();
        let earlier = earlier.filter(|key| link.generation == 0 && link.order.made_at() <= key.until);
        earlier.map_or(&self.key, |earlier| &earlier.key)
    }
}

fn hmac(secret: [u8; 32]) -> Hmac<Sha256> {
    // HMAC pads a short key to its block with zeros; padding it here makes every length valid.
    let mut block = [0; 64];
    block[..32].copy_from_slice(&secret);
    Hmac::new(&block.into())
}

/// Returns the signed part of a token. The first link of an order is only the order's id.
fn named(link: PrivateLink) -> Vec<u8> {
    let mut named = link.order.to_bytes().to_vec();
    if link.generation > 0 {
        named.extend(link.generation.to_be_bytes());
    }
    named
}

impl std::fmt::Debug for TrackingKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("TrackingKey(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_763_892_000_000);

    fn order(n: u8) -> OrderId {
        OrderId::new(NOW, [n; 10])
    }

    fn link(n: u8, generation: u32) -> PrivateLink {
        PrivateLink { order: order(n), generation }
    }

    #[test]
    fn a_token_opens_its_link_and_is_the_same_every_time() {
        let key = TrackingKey::new([7; 32]);
        let mut tokens = Vec::new();
        for link in [link(1, 0), link(1, 1), link(1, 2), link(1, u32::MAX), link(2, 0), link(2, 1)] {
            let token = key.mint(link);
            assert!(token.reveal().starts_with("trk_"));
            assert_eq!((&token, key.open(&token)), (&key.mint(link), Some(link)));
            assert!(!tokens.contains(&token));
            tokens.push(token);
        }
    }

    /// A token of the version without generations; it must never change.
    #[test]
    fn the_first_link_of_an_order_is_unchanged_from_earlier_versions() {
        let token = TrackingKey::new([7; 32]).mint(link(1, 0));
        assert_eq!(token.reveal(), "trk_AZqwJ_UAAQEBAQEBAQEBATnroDiZWtvEgdqwRrPPFKw");
    }

    #[test]
    fn a_token_of_another_shop_opens_nothing() {
        for generation in [0, 1] {
            let token = TrackingKey::new([8; 32]).mint(link(1, generation));
            assert_eq!(TrackingKey::new([7; 32]).open(&token), None);
        }
    }

    #[test]
    fn no_changed_token_opens_anything() {
        let key = TrackingKey::new([7; 32]);
        for generation in [0, 1] {
            let token = key.mint(link(1, generation));
            let text = token.reveal();
            for place in 0..text.len() {
                let mut bytes = text.as_bytes().to_vec();
                bytes[place] = if bytes[place] == b'A' { b'B' } else { b'A' };
                let changed = TrackingToken::new(String::from_utf8(bytes).unwrap());
                assert_eq!(key.open(&changed), None, "changed at {place}");
            }
            for wrong in ["", "trk_", "trk_AAAA", &text[..text.len() - 1], &format!("{text}A"), &text[4..]] {
                assert_eq!(key.open(&TrackingToken::new(wrong)), None, "{wrong}");
            }
        }
    }

    #[test]
    fn a_first_link_that_names_its_generation_is_another_spelling_and_opens_nothing() {
        let key = TrackingKey::new([7; 32]);
        let named = [&order(1).to_bytes()[..], &[0; 4]].concat();
        for over in [&named[..], &named[..16]] {
            let code = hmac([7; 32]).chain_update(over).finalize().into_bytes();
            let token = [&named, &code[..CODE_BYTES]].concat();
            let token = TrackingToken::new(format!("trk_{}", URL_SAFE_NO_PAD.encode(token)));
            assert_eq!(key.open(&token), None);
        }
    }

    #[test]
    fn links_of_an_earlier_secret_still_open_and_new_ones_use_the_current_one() {
        let (now, before) = (TrackingKey::new([7; 32]), TrackingKey::new([8; 32]));
        let moved = now.clone().with_earlier([8; 32], NOW);
        let old = link(1, 0);
        assert_eq!(moved.mint(old), before.mint(old));
        assert_eq!(moved.open(&before.mint(old)), Some(old));
        let later =
            PrivateLink { order: OrderId::new(Timestamp::from_millis(NOW.as_millis() + 1), [1; 10]), ..old };
        for link in [link(1, 1), later] {
            assert_eq!(moved.mint(link), now.mint(link));
            assert_eq!(moved.open(&before.mint(link)), None, "{link:?}");
        }
    }

    #[test]
    fn debug_does_not_show_the_key() {
        let key = TrackingKey::new([7; 32]).with_earlier([8; 32], NOW);
        assert_eq!(format!("{key:?}"), "TrackingKey(…)");
    }
}
