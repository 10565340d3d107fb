//! The cookie of the cart.

use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, header};
use leptos::prelude::use_context;
use leptos_axum::ResponseOptions;

use super::cart::Cart;

const NAME: &str = "docket_cart";
const A_MONTH_IN_SECONDS: u32 = 30 * 24 * 60 * 60;

pub fn read_cart() -> Option<Cart> {
    use_context::<Parts>().and_then(|parts| cart_in(&parts.headers))
}

pub fn write_cart(cart: &Cart, secure: bool) {
    let https_only = if secure { "; Secure" } else { "" };
    let text = cart.write();
    let cookie =
        format!("{NAME}={text}; Path=/; Max-Age={A_MONTH_IN_SECONDS}; HttpOnly; SameSite=Lax{https_only}");
    send(&cookie);
}

pub fn delete_cart() {
    send(&format!("{NAME}=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax"));
}

fn send(cookie: &str) {
    if let (Some(answer), Ok(cookie)) = (use_context::<ResponseOptions>(), HeaderValue::from_str(cookie)) {
        answer.append_header(header::SET_COOKIE, cookie);
    }
}

fn cart_in(headers: &HeaderMap) -> Option<Cart> {
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|cookies| cookies.to_str().ok());
    cookies
        .flat_map(|cookies| cookies.split(';'))
        .filter_map(|cookie| cookie.trim().split_once('='))
        .find_map(|(name, value)| if name == NAME { Cart::read(value) } else { None })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cart_is_found_among_other_cookies() {
        let mut headers = HeaderMap::new();
        headers.append(header::COOKIE, HeaderValue::from_static("a=b; docket_session=x.y:z"));
        assert_eq!(cart_in(&headers), None);
        let cart = "docket_cart=0123456789abcdef.mug-blue:2; c=d";
        headers.append(header::COOKIE, HeaderValue::from_static(cart));
        assert_eq!(cart_in(&headers).map(|cart| cart.quantity_of("mug-blue")), Some(2));
    }
}
