//! The pages, one a file, and the parts of every page. Only the server renders them.

pub mod auto_refresh;
mod cart;
mod checkout;
mod error_page;
mod footer;
mod header;
mod help;
mod island;
mod loaded;
mod order;
mod problem;
mod query;
mod report;
mod shop;
mod stock;
mod title;

pub use cart::CartPage;
pub use checkout::CheckoutPage;
pub use error_page::FallbackPage;
pub use footer::SiteFooter;
pub use header::SiteHeader;
pub use help::{HelpPage, TopicPage};
pub use island::island;
pub use order::{OrderPage, TrackPage};
pub use problem::ProblemPage;
pub use query::address;
pub use report::ReportPage;
pub use shop::ShopPage;
