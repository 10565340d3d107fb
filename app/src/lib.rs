//! The pages of Docket: documents that the server writes, with islands in them that the browser takes over.
//!
//! A page reads with a function of `server_fns` and shows what it got with `components`; all of that stays on the server.
//! What changes while somebody looks at it is one of the `islands`: its view is the same function in both places, it is
//! kept up to date by `live`, and it is all that the browser downloads code for. Links and addresses are the browser's
//! own business, and every form works without JavaScript; `ssr` says how. The page of the cart is no island: the server
//! writes it anew when something in it was changed, and the browser's code puts it in the place of what is there.
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
