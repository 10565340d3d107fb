//! Cryptographic randomness for ids, keys and secrets. Passed in like the time, so that tests are repeatable.

/// A source of unpredictable bytes.
pub trait Entropy: Send + Sync {
    /// Fills the whole slice.
    fn fill(&self, bytes: &mut [u8]);
}

/// The operating system's source.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemEntropy;

impl Entropy for SystemEntropy {
    fn fill(&self, bytes: &mut [u8]) {
        // Without randomness every secret could be guessed, so there is no way to go on.
        getrandom::fill(bytes).expect("the operating system gives random bytes");
    }
}

/// Returns unpredictable bytes.
pub fn random_bytes<const N: usize>(entropy: &dyn Entropy) -> [u8; N] {
    let mut bytes = [0; N];
    entropy.fill(&mut bytes);
    bytes
}
