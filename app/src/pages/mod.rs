//! One page a file.

mod cart;
mod checkout;
mod help;
mod order;
mod problem;
mod query;
mod report;
mod shop;

pub use cart::CartPage;
pub use checkout::CheckoutPage;
pub use help::{HelpPage, TopicPage};
pub use order::{OrderPage, TrackPage};
pub use problem::ProblemPage;
pub use report::ReportPage;
pub use shop::ShopPage;
