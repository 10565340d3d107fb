//! The pages of Docket: rendered on the server, then taken over by the browser.
//!
//! A page reads with a function of `server_fns`, shows what it got with `components`, and is kept up to date by `live`.
//! Every form works without JavaScript; `ssr` says how.
// The type of a page is as deep as its elements are nested.
#![recursion_limit = "512"]

mod app;
mod cart;
mod components;
mod error;
mod live;
mod pages;
mod server_fns;
#[cfg(feature = "ssr")]
pub mod ssr;
#[cfg(test)]
mod testing;

pub use app::{App, shell};
