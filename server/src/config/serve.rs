use super::{
    CarrierConfig, Limits, Listen, Log, MailConfig, SandboxPlace, SecretConfig, Services, Setting, Shop,
    Sources, StoreConfig, TrustedProxies, Work, Wrong,
};

/// Everything that `docket serve` is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServeConfig {
    /// Where it listens.
    pub listen: Listen,
    /// Where orders are kept.
    pub store: StoreConfig,
    /// What everything that nobody may guess is made from.
    pub secret: SecretConfig,
    /// The outside services.
    pub services: Services,
    /// How mails leave.
    pub mail: MailConfig,
    /// What the shop is.
    pub shop: Shop,
    /// How orders are worked.
    pub work: Work,
    /// How much one caller may ask for.
    pub limits: Limits,
    /// The reverse proxies that name their clients.
    pub proxies: TrustedProxies,
    /// The sandbox that plays the services that are not set.
    pub sandbox: SandboxPlace,
    /// What becomes of parcels.
    pub carrier: CarrierConfig,
    /// What is logged.
    pub log: Log,
}

impl ServeConfig {
    /// Its settings.
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

    /// Reads and judges everything.
    ///
    /// # Errors
    /// When something is set wrong.
    pub fn read(sources: &Sources) -> Result<Self, Wrong> {
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
