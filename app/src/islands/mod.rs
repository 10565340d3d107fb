//! What lives on a page: written by the server like the rest of it, and taken over by the browser.

mod announcements;
mod cart;
mod checkout;
mod island;
mod kept;
mod note;
mod order;
mod part;
mod product;
pub mod report;
mod tray;

pub use announcements::Announcements;
pub use cart::CartLink;
pub use checkout::CheckoutForm;
pub use island::{Island, start};
pub use note::RefusedNote;
pub use order::LiveOrder;
pub use product::AddToCart;
pub use report::LiveReport;
pub use tray::Tray;
