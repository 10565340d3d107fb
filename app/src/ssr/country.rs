//! The country that a checkout begins with.

use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use leptos::prelude::use_context;
use orders::address::Country;

use super::PageContext;

/// Where the browser says it is, else where the shop is.
pub fn country(page: &PageContext) -> Country {
    let named = use_context::<Parts>().and_then(|parts| of_browser(&parts.headers));
    named.unwrap_or(page.country)
}

/// The region of the language that the browser likes best: `de-AT,de;q=0.9` is Austria. A language without one says
/// nothing, and what it likes less is no better.
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
    fn the_region_of_the_best_liked_language_is_the_country() {
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
