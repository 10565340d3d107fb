//! The default country of a checkout.

use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use leptos::prelude::use_context;
use orders::address::Country;

use super::PageContext;

/// Returns the country of the browser, or that of the shop.
pub fn country(page: &PageContext) -> Country {
    let named = use_context::<Parts>().and_then(|parts| of_browser(&parts.headers));
    named.unwrap_or(page.country)
}

/// Returns the region of the browser's preferred language: `de-AT,de;q=0.9` is Austria. A language without a region,
/// and less preferred ones, are ignored.
fn of_browser(headers: &HeaderMap) -> Option<Country> {
    let languages = headers.get(header::ACCEPT_LANGUAGE)?.to_str().ok()?;
    let best = languages.split([',', ';']).next()?;
    let region = best.trim().split('-').skip(1).find(|part| part.len() == 2)?;
    Country::of(&region.to_ascii_uppercase())
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn the_region_of_the_preferred_language_is_the_country() {
        for (languages, code) in [
            ("de-AT,de;q=0.9,en-US;q=0.8", Some("AT")),
            ("en-us", Some("US")),
            ("zh-Hant-HK;q=1", Some("HK")),
            ("it", None),
            ("it,en-US;q=0.5", None),
            ("en-ZZ", None),
            ("es-419", None),
            ("*", None),
            ("", None),
        ] {
            let headers =
                HeaderMap::from_iter([(header::ACCEPT_LANGUAGE, HeaderValue::from_static(languages))]);
            assert_eq!(of_browser(&headers).map(|country| country.code), code, "{languages}");
        }
        assert_eq!(of_browser(&HeaderMap::new()), None);
    }
}
