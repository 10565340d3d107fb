use base64::{Engine as _, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

/// Signs messages as <https://www.standardwebhooks.com> says (symmetric, `v1`).
#[derive(Clone)]
pub struct Signer(Hmac<Sha256>);

#[derive(Debug, thiserror::Error)]
#[error("a webhook secret is whsec_ and base64")]
pub struct MalformedSecret;

impl Signer {
    /// `secret` is `whsec_…`.
    pub fn new(secret: &str) -> Result<Signer, MalformedSecret> {
        let encoded = secret.strip_prefix("whsec_").ok_or(MalformedSecret)?;
        let key = STANDARD.decode(encoded).map_err(|_| MalformedSecret)?;
        if key.is_empty() {
            return Err(MalformedSecret);
        }
        Hmac::new_from_slice(&key).map(Signer).map_err(|_| MalformedSecret)
    }

    /// The `webhook-signature` of a message; `timestamp` is in Unix seconds.
    pub fn sign(&self, id: &str, timestamp: i64, body: &str) -> String {
        let mut mac = self.0.clone();
        mac.update(format!("{id}.{timestamp}.{body}").as_bytes());
        format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the Standard Webhooks specification.
    #[test]
    fn a_signature_is_what_the_specification_computes() {
        let signer = Signer::new("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
        let signature = signer.sign("msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, r#"{"test": 2432232314}"#);
        assert_eq!(signature, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    #[test]
    fn a_secret_in_another_shape_is_refused() {
        for wrong in ["", "whsec_", "whsec_!", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"] {
            assert!(Signer::new(wrong).is_err(), "{wrong}");
        }
    }
}
