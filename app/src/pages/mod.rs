//! One page a file, and what is around every page. All of it is the server's alone.

mod cart;
mod checkout;
mod footer;
mod header;
mod help;
mod island;
pub mod look_again;
mod order;
mod problem;
mod query;
mod report;
mod shop;
mod stock;
mod title;
mod trouble;

pub use cart::CartPage;
pub use checkout::CheckoutPage;
pub use footer::SiteFooter;
pub use header::SiteHeader;
pub use help::{HelpPage, TopicPage};
pub use island::island;
pub use order::{OrderPage, TrackPage};
pub use problem::ProblemPage;
pub use query::address;
pub use report::ReportPage;
pub use shop::ShopPage;
pub use trouble::Nothing;
