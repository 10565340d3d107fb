//! API keys: `dk_` and 32 random bytes in base64url. Only their SHA-256 is stored, so a stolen database opens
//! nothing.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use orders::Owner;
use sha2::{Digest, Sha256};

/// The key ring of the store.
pub use crate::store::{ApiKey, KeyRing, KeyScope};

const PREFIX: &str = "dk_";

/// An API key in clear text, shown once when it is created. `Debug` does not show it.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// The text, to be given to the owner and to nobody else.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// Returns the key of 32 random bytes, and the hash to store.
pub fn mint(random: [u8; 32]) -> (Secret, [u8; 32]) {
    let secret = format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(random));
    let hash = Sha256::digest(&secret).into();
    (Secret(secret), hash)
}

/// Returns the hash under which a key is stored, if the text has the form of a key.
pub fn hash(text: &str) -> Option<[u8; 32]> {
    let body = text.strip_prefix(PREFIX)?;
    let plausible =
        body.len() == 43 && body.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'));
    plausible.then(|| Sha256::digest(text).into())
}

/// Returns the owner of a key's orders: the first half of its hash, so that a key always has the same orders.
pub fn owner(hash: [u8; 32]) -> Owner {
    let mut owner = [0; 16];
    owner.copy_from_slice(&hash[..16]);
    Owner(owner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_found_again_by_its_hash() {
        let (secret, kept) = mint([9; 32]);
        assert_eq!(secret.reveal().len(), 46);
        assert_eq!(hash(secret.reveal()), Some(kept));
        assert_eq!(owner(kept).0, kept[..16]);
    }

    #[test]
    fn a_malformed_key_is_never_looked_up() {
        let (secret, _) = mint([9; 32]);
        let text = secret.reveal();
        for wrong in ["", "dk_", &text[3..], &text[..45], &format!("{text}A"), &text.replace("dk_", "DK_")] {
            assert_eq!(hash(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn debug_does_not_show_a_key() {
        assert_eq!(format!("{:?}", mint([9; 32]).0), "Secret(…)");
    }
}
