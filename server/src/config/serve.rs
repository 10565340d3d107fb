use super::{
    CarrierConfig, InvalidSetting, Limits, Listen, Log, MailConfig, SandboxPlace, SecretConfig, Services,
    Setting, Shop, Sources, StoreConfig, TrustedProxies, Work,
};

/// All settings of `docket serve`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServeConfig {
    /// The addresses that it listens on.
    pub listen: Listen,
    /// The store.
    pub store: StoreConfig,
    /// The installation secret.
    pub secret: SecretConfig,
    /// The external services.
    pub services: Services,
    /// How mails are sent.
    pub mail: MailConfig,
    /// The shop.
    pub shop: Shop,
    /// How orders are processed.
    pub work: Work,
    /// Limits for callers.
    pub limits: Limits,
    /// The trusted reverse proxies.
    pub proxies: TrustedProxies,
    /// The sandbox, which simulates the services that are not configured.
    pub sandbox: SandboxPlace,
    /// The carrier.
    pub carrier: CarrierConfig,
    /// What is logged.
    pub log: Log,
}

impl ServeConfig {
    /// Returns its settings.
    pub fn settings() -> impl Iterator<Item = &'static Setting> {
        let concerns: [&[&Setting]; 12] = [
            Listen::SETTINGS,
            StoreConfig::SETTINGS,
            SecretConfig::SETTINGS,
            Services::SETTINGS,
            MailConfig::SETTINGS,
            Shop::SETTINGS,
            Work::SETTINGS,
            Limits::SETTINGS,
            TrustedProxies::SETTINGS,
            SandboxPlace::SETTINGS,
            CarrierConfig::SETTINGS,
            Log::SETTINGS,
        ];
        concerns.into_iter().flatten().copied()
    }

    /// Reads and validates all settings.
    ///
    /// # Errors
    /// When one of them is invalid.
    pub fn read(sources: &Sources) -> Result<Self, InvalidSetting> {
        let store = StoreConfig::read(sources)?;
        Ok(Self {
            listen: Listen::read(sources)?,
            secret: SecretConfig::read(sources, &store)?,
            services: Services::read(sources)?,
            mail: MailConfig::read(sources, &store)?,
            shop: Shop::read(sources)?,
            work: Work::read(sources)?,
            limits: Limits::read(sources)?,
            proxies: TrustedProxies::read(sources)?,
            sandbox: SandboxPlace::read(sources, &store)?,
            carrier: CarrierConfig::read(sources)?,
            log: Log::read(sources)?,
            store,
        })
    }
}
