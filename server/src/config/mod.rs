//! The settings: by flag, by environment variable, or in `docket.toml`, under the same names and in this order of
//! precedence.
//!
//! Each concern has its own struct, which reads and validates its settings. An invalid value stops the start with one
//! sentence that names the setting.

mod limits;
mod listen;
mod log;
mod mail;
mod proxies;
mod sandbox;
mod secret;
mod serve;
mod services;
mod setting;
mod shop;
mod sources;
mod store;
mod work;

pub use limits::Limits;
pub use listen::Listen;
pub use log::{Log, LogFormat};
pub use mail::{MailConfig, MailTransport};
pub use proxies::TrustedProxies;
pub use sandbox::{CarrierConfig, SandboxPlace, SandboxSettings};
pub use secret::{SecretConfig, is_long_enough};
pub use serve::ServeConfig;
pub use services::{ExternalService, Load, Services};
pub use setting::{InvalidSetting, Setting};
pub use shop::Shop;
pub use sources::Sources;
pub use store::StoreConfig;
pub use work::Work;

/// Returns every setting: those of the server, and those of a stand-alone sandbox.
pub fn all() -> impl Iterator<Item = &'static Setting> {
    ServeConfig::settings().chain(SandboxSettings::OWN.iter().copied())
}

#[cfg(test)]
mod tests;
