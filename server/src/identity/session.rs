//! Sessions: a random secret in a cookie, and a hash of it as the owner of everything ordered with it.
//!
//! A session needs no account and no row of its own: the secret names the owner, and nobody can guess 256 bits.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use orders::Owner;
use sha2::{Digest, Sha256};

/// How long a browser keeps its session, in seconds: 400 days, the longest that browsers allow.
const MAX_AGE: u32 = 400 * 24 * 60 * 60;

/// A session as its browser holds it. `Debug` does not show it.
#[derive(Clone, PartialEq, Eq)]
pub struct Session(String);

impl Session {
    /// A new session of 32 random bytes.
    pub fn new(random: [u8; 32]) -> Self {
        Self(URL_SAFE_NO_PAD.encode(random))
    }

    /// The session in the `Cookie` header's value, if one of our shape is there.
    pub fn from_cookies(cookies: &str, name: CookieName) -> Option<Self> {
        cookies
            .split(';')
            .filter_map(|pair| pair.trim().split_once('='))
            .find(|(key, _)| *key == name.as_str())
            .map(|(_, value)| value)
            .filter(|value| URL_SAFE_NO_PAD.decode(value).is_ok_and(|secret| secret.len() == 32))
            .map(|value| Self(value.to_owned()))
    }

    /// Whose orders are made with it.
    pub fn owner(&self) -> Owner {
        let hash = Sha256::digest(&self.0);
        let mut owner = [0; 16];
        owner.copy_from_slice(&hash[..16]);
        Owner(owner)
    }

    /// The value of the `Set-Cookie` header that gives it to a browser.
    pub fn to_set_cookie(&self, name: CookieName) -> String {
        let secure = if name.secure { "; Secure" } else { "" };
        format!("{}={}; Path=/; HttpOnly; SameSite=Lax; Max-Age={MAX_AGE}{secure}", name.as_str(), self.0)
    }
}

impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Session(…)")
    }
}

/// What the cookie is called, which depends on how the shop is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CookieName {
    secure: bool,
}

impl CookieName {
    /// The name for a shop at this address. Over https the prefix `__Host-` makes browsers refuse it from any other host
    /// and over plain http.
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

    #[test]
    fn a_session_comes_back_from_its_cookie_with_the_same_owner() {
        let session = Session::new([3; 32]);
        let cookie = session.to_set_cookie(PLAIN);
        let pair = cookie.split(';').next().unwrap();
        let found = Session::from_cookies(&format!("theme=dark; {pair}; x=y"), PLAIN).unwrap();
        assert_eq!(found.owner(), session.owner());
        assert_ne!(found.owner(), Session::new([4; 32]).owner());
    }

    #[test]
    fn a_cookie_that_is_not_ours_is_no_session() {
        for cookies in ["", "docket_session=", "docket_session=short", "other=AAAA", "docket_session"] {
            assert_eq!(Session::from_cookies(cookies, PLAIN), None, "{cookies}");
        }
    }

    #[test]
    fn over_https_the_cookie_is_bound_to_its_host() {
        let name = CookieName::at("https://shop.example");
        let cookie = Session::new([3; 32]).to_set_cookie(name);
        assert!(cookie.starts_with("__Host-docket_session="));
        assert!(cookie.ends_with("; Secure") && cookie.contains("; Path=/;") && cookie.contains("HttpOnly"));
        let cookie = Session::new([3; 32]).to_set_cookie(CookieName::at("http://127.0.0.1:3000"));
        assert!(!cookie.contains("Secure"), "a browser would drop it over plain http");
    }
}
