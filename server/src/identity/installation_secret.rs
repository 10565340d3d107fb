//! The installation secret, from which all other secrets are derived.
//!
//! It is never in the database, so a backup opens nothing: it is `DOCKET_SECRET`, or the content of a file of its own
//! ([`secret_file`](super::secret_file)).

use hkdf::Hkdf;
use sha2::Sha256;

/// The installation secret. `Debug` does not show it.
#[derive(Clone)]
pub struct InstallationSecret(Hkdf<Sha256>);

impl InstallationSecret {
    /// Returns the secret with this text of at least 32 characters.
    pub fn of(text: &str) -> Self {
        Self(Hkdf::new(None, text.as_bytes()))
    }

    /// Derives the secret for one purpose, the same at every start. It tells nothing about the secrets of other
    /// purposes.
    pub fn derive(&self, purpose: &'static str) -> [u8; 32] {
        let mut derived = [0; 32];
        // HKDF-SHA-256 gives up to 8,160 bytes.
        self.0.expand(purpose.as_bytes(), &mut derived).expect("32 bytes are not too many");
        derived
    }

    /// Returns the fingerprint by which a database recognises this secret, and that of earlier links. It tells
    /// nothing about them.
    pub fn fingerprint(&self, earlier_links: Option<&[u8; 32]>) -> [u8; 32] {
        let mut fingerprint = [0; 32];
        let parts: [&[u8]; 2] = [b"fingerprint", earlier_links.map_or(&[], |secret| secret)];
        self.0.expand_multi_info(&parts, &mut fingerprint).expect("32 bytes are not too many");
        fingerprint
    }
}

impl std::fmt::Debug for InstallationSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("InstallationSecret(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_purpose_has_a_secret_of_its_own_that_stays_the_same() {
        let text = "a secret of more than thirty-two characters";
        let secret = InstallationSecret::of(text);
        let derived = ["tracking", "sessions", "carrier reports"].map(|name| secret.derive(name));
        let fingerprints = [None, Some(&[1; 32]), Some(&[2; 32])].map(|earlier| secret.fingerprint(earlier));
        let derived = [derived, fingerprints].concat();
        for (at, one) in derived.iter().enumerate() {
            assert!(!derived[..at].contains(one));
        }
        assert_eq!(InstallationSecret::of(text).derive("tracking"), derived[0]);
        assert_ne!(
            InstallationSecret::of("another secret, as long as the first one").derive("tracking"),
            derived[0]
        );
    }

    /// Links in sent mails must open after every update.
    #[test]
    fn derived_secrets_never_change() {
        let derived = InstallationSecret::of("0123456789abcdef0123456789abcdef").derive("tracking");
        let hex: String = derived.iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(hex, "4b3b4bad74b7fdf4aa4d24bfebf88984be9ccdd330a84fd6819c210aa3240328");
    }

    #[test]
    fn debug_does_not_show_it() {
        assert_eq!(format!("{:?}", InstallationSecret::of("secret")), "InstallationSecret(…)");
    }
}
