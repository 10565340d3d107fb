//! Sessions: a random secret in a signed cookie. A hash of the secret is the owner of everything ordered with it.
//!
//! A session needs no account and no database row: the secret identifies the owner, and 256 bits cannot be guessed.
//! The signature distinguishes the sessions that this installation created from invented ones, of which a client can
//! have any number: a signed session has a rate limit of its own, an unsigned one counts for its address. A cookie of
//! an earlier version is unsigned as well; it still identifies its owner, so that nobody loses their orders, and it
//! is not signed afterwards, because that would sign invented ones too.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use orders::Owner;
use sha2::{Digest, Sha256};

/// The lifetime of the cookie in seconds: 400 days, the longest that browsers allow.
const MAX_AGE: u32 = 400 * 24 * 60 * 60;
/// The length of the signature in a cookie: 128 bits cannot be guessed.
const SIGNATURE_BYTES: usize = 16;

/// The key that signs the sessions of this installation.
#[derive(Clone)]
pub struct SessionKey(Hmac<Sha256>);

impl SessionKey {
    /// Returns the key of a secret.
    pub fn new(secret: [u8; 32]) -> Self {
        // HMAC pads a short key to its block with zeros; padding it here makes every length valid.
        let mut block = [0; 64];
        block[..32].copy_from_slice(&secret);
        Self(Hmac::new(&block.into()))
    }

    fn sign(&self, secret: &str) -> String {
        let code = self.0.clone().chain_update(secret).finalize().into_bytes();
        URL_SAFE_NO_PAD.encode(&code[..SIGNATURE_BYTES])
    }

    /// Verifies in constant time.
    fn has_signed(&self, secret: &str, signature: &str) -> bool {
        let signature = URL_SAFE_NO_PAD.decode(signature).unwrap_or_default();
        let code = self.0.clone().chain_update(secret);
        signature.len() == SIGNATURE_BYTES && code.verify_truncated_left(&signature).is_ok()
    }
}

impl std::fmt::Debug for SessionKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SessionKey(…)")
    }
}

/// A session as its browser has it. `Debug` does not show it.
#[derive(Clone, PartialEq, Eq)]
pub struct Session {
    secret: String,
    signature: Option<String>,
}

impl Session {
    /// Returns a new session of 32 random bytes.
    pub fn new(random: [u8; 32], key: &SessionKey) -> Self {
        let secret = URL_SAFE_NO_PAD.encode(random);
        let signature = Some(key.sign(&secret));
        Self { secret, signature }
    }

    /// Returns the session in the value of a `Cookie` header: `<secret>.<signature>`, or the secret alone.
    pub fn from_cookies(cookies: &str, name: CookieName, key: &SessionKey) -> Option<Self> {
        let mut pairs = cookies.split(';').filter_map(|pair| pair.trim().split_once('='));
        let (_, value) = pairs.find(|(found, _)| *found == name.as_str())?;
        let (secret, signature) = value.split_once('.').unwrap_or((value, ""));
        let is_secret = URL_SAFE_NO_PAD.decode(secret).is_ok_and(|secret| secret.len() == 32);
        is_secret.then(|| Self {
            secret: secret.to_owned(),
            signature: key.has_signed(secret, signature).then(|| signature.to_owned()),
        })
    }

    /// Whether this installation created it.
    pub const fn is_signed(&self) -> bool {
        self.signature.is_some()
    }

    /// Returns the owner of the orders made with it.
    pub fn owner(&self) -> Owner {
        let hash = Sha256::digest(&self.secret);
        let mut owner = [0; 16];
        owner.copy_from_slice(&hash[..16]);
        Owner(owner)
    }

    /// Returns the value of the `Set-Cookie` header.
    pub fn to_set_cookie(&self, name: CookieName) -> String {
        let secure = if name.secure { "; Secure" } else { "" };
        let (name, secret) = (name.as_str(), &self.secret);
        let (dot, signature) = self.signature.as_ref().map_or(("", ""), |signature| (".", signature));
        format!("{name}={secret}{dot}{signature}; Path=/; HttpOnly; SameSite=Lax; Max-Age={MAX_AGE}{secure}")
    }
}

impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Session(…)")
    }
}

/// The name of the cookie, which depends on the public address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CookieName {
    secure: bool,
}

impl CookieName {
    /// Returns the name for a shop at this address. Over https, the prefix `__Host-` makes browsers refuse the cookie
    /// from any other host and over plain http.
    pub fn at(public_url: &str) -> Self {
        Self { secure: public_url.starts_with("https://") }
    }

    /// The name.
    pub const fn as_str(self) -> &'static str {
        if self.secure { "__Host-docket_session" } else { "docket_session" }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: CookieName = CookieName { secure: false };

    fn key() -> SessionKey {
        SessionKey::new([1; 32])
    }

    fn value_of(cookie: &str) -> &str {
        cookie.split([';', '=']).nth(1).unwrap()
    }

    fn read(value: &str) -> Option<Session> {
        Session::from_cookies(&format!("theme=dark; docket_session={value}; x=y"), PLAIN, &key())
    }

    #[test]
    fn a_session_is_read_from_its_cookie_with_the_same_owner() {
        let session = Session::new([3; 32], &key());
        let found = read(value_of(&session.to_set_cookie(PLAIN))).unwrap();
        assert_eq!(found, session);
        assert!(found.is_signed());
        assert_ne!(found.owner(), Session::new([4; 32], &key()).owner());
    }

    #[test]
    fn an_invented_or_older_cookie_names_its_owner_and_is_not_signed() {
        let session = Session::new([3; 32], &key());
        let cookie = session.to_set_cookie(PLAIN);
        let secret = value_of(&cookie).split('.').next().unwrap();
        let foreign = Session::new([3; 32], &SessionKey::new([2; 32])).to_set_cookie(PLAIN);
        for value in [secret, &format!("{secret}."), &format!("{secret}.AAAA"), value_of(&foreign)] {
            let found = read(value).unwrap();
            assert_eq!(found.owner(), session.owner(), "{value}");
            assert!(!found.is_signed(), "{value}");
        }
    }

    #[test]
    fn a_cookie_of_another_shape_is_no_session() {
        for value in ["", "short", "AAAA.AAAA", "=", "."] {
            assert_eq!(read(value), None, "{value}");
        }
        assert_eq!(Session::from_cookies("docket_session", PLAIN, &key()), None);
    }

    #[test]
    fn over_https_the_cookie_is_bound_to_its_host() {
        let name = CookieName::at("https://shop.example");
        let cookie = Session::new([3; 32], &key()).to_set_cookie(name);
        assert!(cookie.starts_with("__Host-docket_session="));
        assert!(cookie.ends_with("; Secure") && cookie.contains("; Path=/;") && cookie.contains("HttpOnly"));
        let cookie = Session::new([3; 32], &key()).to_set_cookie(CookieName::at("http://127.0.0.1:3000"));
        assert!(!cookie.contains("Secure"), "a browser would drop it over plain http");
    }
}
