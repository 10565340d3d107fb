use orders::Currency;
use orders::address::Country;

use super::{InvalidSetting, Setting, Sources};

/// The shop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shop {
    /// Its public base address, without a trailing slash: `DOCKET_PUBLIC_URL`; by default `http://` and the address
    /// it listens on.
    pub public_url: Option<String>,
    /// Whether a new database starts with the sample shop: `DOCKET_SAMPLE_CATALOG`, `true`.
    pub sample_catalog: bool,
    /// The currency of prices: `DOCKET_CURRENCY`, `EUR`.
    pub currency: Currency,
    /// The default country of the checkout, when the browser does not name one: `DOCKET_COUNTRY`, `IT`.
    pub country: Country,
}

const PUBLIC_URL: Setting = Setting {
    name: "public_url",
    value: "URL",
    default: None,
    meaning: "The public address of the shop; http:// and the listen address when it is not set",
    secret: false,
};
const SAMPLE_CATALOG: Setting = Setting {
    name: "sample_catalog",
    value: "BOOLEAN",
    default: Some("true"),
    meaning: "Whether a new database starts with the sample shop",
    secret: false,
};
const CURRENCY: Setting = Setting {
    name: "currency",
    value: "CODE",
    default: Some("EUR"),
    meaning: "The currency of prices, such as EUR, JPY or KWD",
    secret: false,
};
const COUNTRY: Setting = Setting {
    name: "country",
    value: "CODE",
    default: Some("IT"),
    meaning: "The country preselected at checkout when the browser names none",
    secret: false,
};

impl Shop {
    /// The settings that prices depend on.
    pub const PRICES: &[&Setting] = &[&CURRENCY];
    pub(super) const SETTINGS: &[&Setting] = &[&PUBLIC_URL, &SAMPLE_CATALOG, &CURRENCY, &COUNTRY];

    pub(super) fn read(sources: &Sources) -> Result<Self, InvalidSetting> {
        let public_url = sources.web_address(&PUBLIC_URL)?;
        if let (Some(url), Some(given)) = (&public_url, sources.given(&PUBLIC_URL))
            && url.splitn(4, '/').nth(3).is_some()
        {
            // The `Origin` header of a browser has no path, and the links of the site have none either.
            return Err(given.must_be("an address without a path"));
        }
        Ok(Self {
            public_url,
            sample_catalog: sources.boolean(&SAMPLE_CATALOG)?,
            currency: Self::currency(sources)?,
            country: sources.required(
                &COUNTRY,
                "the two capital letters of a country, such as IT",
                Country::of,
            )?,
        })
    }

    /// Reads only the currency.
    ///
    /// # Errors
    /// When it is invalid.
    pub fn currency(sources: &Sources) -> Result<Currency, InvalidSetting> {
        sources.required(&CURRENCY, "the code of a currency in capital letters, such as EUR", |text| {
            text.parse().ok().filter(|currency: &Currency| currency.is_listed())
        })
    }
}
