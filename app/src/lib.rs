//! The pages of Docket: documents that the server renders, with islands that the browser takes over.
//!
//! A page reads its data with a function of `server_fns` and shows it with `components`; all of that stays on the
//! server. The parts that change while a page is open are the `islands`: each has one view function for both sides,
//! `live` keeps it up to date, and only islands are part of the download. The browser does the navigation, and every
//! form works without JavaScript (see `ssr`). The cart page is not an island: the server renders it again when the
//! cart changes, and `islands::cart_page` replaces its content.
// The type of a page is as deep as its elements are nested.
#![recursion_limit = "512"]

#[cfg(feature = "ssr")]
mod app;
mod cart;
mod components;
mod islands;
mod json;
mod live;
mod outcome;
mod page_error;
#[cfg(feature = "ssr")]
mod pages;
#[cfg(feature = "ssr")]
mod server_fns;
#[cfg(feature = "ssr")]
pub mod ssr;
#[cfg(test)]
mod testing;

pub use islands::start;
