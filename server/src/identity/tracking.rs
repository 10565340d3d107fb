//! The token that opens one order without an account.
//!
//! It is made from the order's id, so that replays, mails and pages all give the same one, and nothing has to be kept
//! for each order: `trk_` and base64url of the sixteen bytes of the id and the first sixteen bytes of an HMAC-SHA-256 over it.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use orders::{OrderId, TrackingToken};
use sha2::Sha256;

const PREFIX: &str = "trk_";
/// How many bytes of the code are in a token: 128 bits cannot be guessed.
const CODE_BYTES: usize = 16;

/// The secret of this shop from which all tracking tokens are made. Whoever has another secret has other tokens.
#[derive(Clone)]
pub struct TrackingKey(Hmac<Sha256>);

impl TrackingKey {
    /// The key of a random secret.
    pub fn new(secret: [u8; 32]) -> Self {
        // HMAC fills a short key up to its block with zeros; done here, no length can be wrong.
        let mut block = [0; 64];
        block[..32].copy_from_slice(&secret);
        Self(Hmac::new(&block.into()))
    }

    /// The token of an order, the same at every call.
    pub fn mint(&self, order: OrderId) -> TrackingToken {
        let id = order.to_bytes();
        let code = self.0.clone().chain_update(id).finalize().into_bytes();
        let mut token = [0; 16 + CODE_BYTES];
        token[..16].copy_from_slice(&id);
        token[16..].copy_from_slice(&code[..CODE_BYTES]);
        TrackingToken::new(format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(token)))
    }

    /// The order that a token opens, if the token is ours. The code is compared in constant time.
    pub fn open(&self, token: &TrackingToken) -> Option<OrderId> {
        let text = token.reveal().strip_prefix(PREFIX)?;
        let bytes: [u8; 16 + CODE_BYTES] = URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok()?;
        let (id, code) = bytes.split_first_chunk::<16>()?;
        self.0.clone().chain_update(id).verify_truncated_left(code).ok()?;
        Some(OrderId::from_bytes(*id))
    }
}

impl std::fmt::Debug for TrackingKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("TrackingKey(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use orders::Timestamp;

    fn order(n: u8) -> OrderId {
        OrderId::new(Timestamp::from_millis(1_763_892_000_000), [n; 10])
    }

    #[test]
    fn a_token_opens_its_order_and_is_the_same_every_time() {
        let key = TrackingKey::new([7; 32]);
        let token = key.mint(order(1));
        assert!(token.reveal().starts_with("trk_"));
        assert_eq!(token, key.mint(order(1)));
        assert_eq!(key.open(&token), Some(order(1)));
        assert_ne!(token, key.mint(order(2)));
    }

    #[test]
    fn a_token_of_another_shop_opens_nothing() {
        let token = TrackingKey::new([8; 32]).mint(order(1));
        assert_eq!(TrackingKey::new([7; 32]).open(&token), None);
    }

    #[test]
    fn no_changed_token_opens_anything() {
        let key = TrackingKey::new([7; 32]);
        let token = key.mint(order(1));
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

    #[test]
    fn the_key_is_not_shown_when_printed() {
        assert_eq!(format!("{:?}", TrackingKey::new([7; 32])), "TrackingKey(…)");
    }
}
