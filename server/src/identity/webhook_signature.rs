//! Signatures of webhooks as <https://www.standardwebhooks.com> defines them (version 1.0, symmetric, `v1`):
//! verifying the carrier's events, and signing the sandbox's.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

/// The largest difference between a message's time and ours. It limits how long a copied message can be replayed.
pub const TOLERANCE: Duration = Duration::from_secs(5 * 60);

const PREFIX: &str = "whsec_";

/// A shared secret, ready to sign and verify.
#[derive(Clone)]
pub struct SigningKey(Hmac<Sha256>);

/// The text is not a secret of the specification.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a webhook secret is whsec_ and base64")]
pub struct MalformedSecret;

/// The headers of a signed message.
#[derive(Debug, Clone, Copy)]
pub struct SignedMessage<'a> {
    /// `webhook-id`.
    pub id: &'a str,
    /// `webhook-timestamp`, in Unix seconds.
    pub timestamp: &'a str,
    /// `webhook-signature`: one or more signatures, separated by blanks.
    pub signature: &'a str,
}

/// Why a message is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    /// The time is not a number of seconds.
    #[error("webhook-timestamp is not a time in Unix seconds")]
    NoTime,
    /// It is too old, or in the future.
    #[error("webhook-timestamp is more than five minutes away from now")]
    OutOfTime,
    /// None of its signatures was made with our secret.
    #[error("webhook-signature was not made with our secret over this id, timestamp and body")]
    WrongSignature,
}

/// Returns the text of a secret of these bytes.
pub fn secret_of(bytes: [u8; 32]) -> String {
    format!("{PREFIX}{}", STANDARD.encode(bytes))
}

impl SigningKey {
    /// Returns the key of a secret, `whsec_…`.
    ///
    /// # Errors
    /// When it has another form.
    pub fn of(secret: &str) -> Result<Self, MalformedSecret> {
        let encoded = secret.strip_prefix(PREFIX).ok_or(MalformedSecret)?;
        let key = STANDARD.decode(encoded).map_err(|_| MalformedSecret)?;
        if key.is_empty() {
            return Err(MalformedSecret);
        }
        Hmac::new_from_slice(&key).map(Self).map_err(|_| MalformedSecret)
    }

    /// Returns the `webhook-signature` of a message; `timestamp` is in Unix seconds.
    pub fn sign(&self, id: &str, timestamp: i64, body: &[u8]) -> String {
        let mac = self.over(id, &timestamp.to_string(), body);
        format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()))
    }

    /// Verifies a message that arrived at `now`, in Unix seconds, in constant time.
    ///
    /// # Errors
    /// When it is refused.
    pub fn verify(&self, message: SignedMessage<'_>, body: &[u8], now: i64) -> Result<(), SignatureError> {
        let at: i64 = message.timestamp.parse().map_err(|_| SignatureError::NoTime)?;
        if now.abs_diff(at) > TOLERANCE.as_secs() {
            return Err(SignatureError::OutOfTime);
        }
        let mac = self.over(message.id, message.timestamp, body);
        let ours = |signature: &str| {
            let claimed = signature.strip_prefix("v1,").and_then(|encoded| STANDARD.decode(encoded).ok());
            claimed.is_some_and(|claimed| mac.clone().verify_slice(&claimed).is_ok())
        };
        if message.signature.split(' ').any(ours) { Ok(()) } else { Err(SignatureError::WrongSignature) }
    }

    fn over(&self, id: &str, timestamp: &str, body: &[u8]) -> Hmac<Sha256> {
        let mut mac = self.0.clone();
        mac.update(format!("{id}.{timestamp}.").as_bytes());
        mac.update(body);
        mac
    }
}

impl std::fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SigningKey(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the specification.
    const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    const ID: &str = "msg_p5jXN8AQM9LWM0D4loKWxJek";
    const AT: i64 = 1_614_265_330;
    const BODY: &[u8] = br#"{"test": 2432232314}"#;
    const SIGNATURE: &str = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";

    fn verify(message: SignedMessage<'_>, body: &[u8], now: i64) -> Result<(), SignatureError> {
        SigningKey::of(SECRET).unwrap().verify(message, body, now)
    }

    const MESSAGE: SignedMessage<'_> =
        SignedMessage { id: ID, timestamp: "1614265330", signature: SIGNATURE };

    #[test]
    fn a_signature_equals_that_of_the_specification() {
        assert_eq!(SigningKey::of(SECRET).unwrap().sign(ID, AT, BODY), SIGNATURE);
        assert_eq!(verify(MESSAGE, BODY, AT), Ok(()));
    }

    #[test]
    fn one_good_signature_among_several_is_enough() {
        let several = format!("v1,AAAA v1a,{} {SIGNATURE}", &SIGNATURE[3..]);
        assert_eq!(verify(SignedMessage { signature: &several, ..MESSAGE }, BODY, AT), Ok(()));
    }

    #[test]
    fn another_id_body_secret_or_scheme_is_not_believed() {
        let wrong = Err(SignatureError::WrongSignature);
        assert_eq!(verify(MESSAGE, b"{}", AT), wrong);
        assert_eq!(verify(SignedMessage { id: "msg_other", ..MESSAGE }, BODY, AT), wrong);
        assert_eq!(verify(SignedMessage { timestamp: "1614265331", ..MESSAGE }, BODY, AT), wrong);
        for signature in ["", "v1,", "v1,AAAA", "v2,g0hM", &SIGNATURE[3..], "v1,!"] {
            assert_eq!(verify(SignedMessage { signature, ..MESSAGE }, BODY, AT), wrong, "{signature}");
        }
        let other = SigningKey::of(&secret_of([1; 32])).unwrap();
        assert_eq!(other.verify(MESSAGE, BODY, AT), wrong);
    }

    #[test]
    fn a_message_is_believed_for_five_minutes_before_and_after_its_time() {
        for now in [AT - 300, AT + 300] {
            assert_eq!(verify(MESSAGE, BODY, now), Ok(()));
        }
        for now in [AT - 301, AT + 301, i64::MIN, i64::MAX] {
            assert_eq!(verify(MESSAGE, BODY, now), Err(SignatureError::OutOfTime));
        }
        assert_eq!(
            verify(SignedMessage { timestamp: "now", ..MESSAGE }, BODY, AT),
            Err(SignatureError::NoTime)
        );
    }

    #[test]
    fn a_secret_in_another_shape_is_refused_and_none_is_printed() {
        for wrong in ["", "whsec_", "whsec_!", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"] {
            assert!(SigningKey::of(wrong).is_err(), "{wrong}");
        }
        assert_eq!(format!("{:?}", SigningKey::of(SECRET).unwrap()), "SigningKey(…)");
    }
}
