//! Finds the installation secret, and moves the secret of an earlier version out of the database.
//!
//! Earlier versions stored the secret of links in the database. It is written to the secret file first, read again
//! from there, and only then deleted from the database; an interrupted start is completed by the next one.

use orders::Timestamp;

use super::error::StartError;
use crate::config::SecretConfig;
use crate::identity::installation_secret::InstallationSecret;
use crate::identity::secret_file::{EarlierLinks, SecretFile, secret_of};
use crate::identity::tracking::TrackingKey;
use crate::platform::entropy::{Entropy, random_bytes};
use crate::store::{Installation, Recognised};

/// The installation secret, and the key of its links.
pub(super) struct Secrets {
    pub(super) installation: InstallationSecret,
    pub(super) tracking: TrackingKey,
}

/// Finds the secret, creates one at the first start, and leaves none in the database.
pub(super) async fn find(
    config: &SecretConfig,
    store: &dyn Installation,
    entropy: &dyn Entropy,
) -> Result<Secrets, StartError> {
    let found = SecretFile::read(&config.file)?;
    let mut content = found.clone().unwrap_or_default();
    let kept = store.kept_secrets().await?;
    if let Some((secret, until)) = kept.as_ref().and_then(|kept| kept.links) {
        let earlier_links = with_kept(content.earlier_links, secret, until);
        content.earlier_links =
            Some(earlier_links.ok_or_else(|| StartError::ForeignSecret(config.file.clone()))?);
    }
    let is_new = config.given.is_none() && content.secret.is_none();
    if is_new {
        content.secret = Some(secret_of(random_bytes(entropy)));
    }
    if content != found.unwrap_or_default() {
        content.write(&config.file)?;
    }
    if kept.is_some() {
        let everywhere = store.erase_secrets().await?;
        let file = config.file.display();
        tracing::info!(%file, everywhere, "the secret of links was moved out of the database; earlier backups still contain it");
    }
    // One of them exists, or was just created.
    let text = config.given.as_ref().or(content.secret.as_ref()).map_or("", String::as_str);
    let installation = InstallationSecret::of(text);
    let earlier = content.earlier_links.as_ref().map(|links| &links.secret);
    if store.recognise_secret(installation.fingerprint(earlier)).await? == Recognised::Another {
        warn_of_another(config, is_new);
    }
    let tracking = TrackingKey::new(installation.derive("tracking"));
    let tracking = match content.earlier_links {
        Some(EarlierLinks { secret, until }) => tracking.with_earlier(secret, until),
        None => tracking,
    };
    Ok(Secrets { installation, tracking })
}

/// Returns what the file has to contain about earlier links while the database still has their secret; none when the
/// file belongs to another database.
fn with_kept(held: Option<EarlierLinks>, secret: [u8; 32], until: Timestamp) -> Option<EarlierLinks> {
    match held {
        Some(held) if held.secret != secret => None,
        // An older copy of the database may have been restored.
        Some(held) => Some(EarlierLinks { secret, until: held.until.max(until) }),
        None => Some(EarlierLinks { secret, until }),
    }
}

fn warn_of_another(config: &SecretConfig, is_new: bool) {
    let file = config.file.display();
    if is_new {
        tracing::warn!(
            "{file} was missing, so a new secret was made: links to orders that were sent earlier open nothing now. To make \
             them work again, stop the server, put the earlier file back and start the server"
        );
    } else {
        let given = if config.given.is_some() { "DOCKET_SECRET and " } else { "" };
        tracing::warn!(
            "the secret in {given}{file} is another than at the last start: links to orders that were made with that one open \
             nothing now. To make them work again, start the server with it"
        );
    }
}

#[cfg(test)]
#[path = "secrets_tests.rs"]
mod tests;
