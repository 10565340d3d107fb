//! The islands: the parts of a page that the server renders like the rest, and that the browser keeps up to date.

mod announcements;
mod cart;
mod cart_page;
mod checkout;
mod island;
mod note;
mod order;
mod orders_menu;
mod preserve_focus;
mod product;
pub mod report;
mod takeover;

pub use announcements::Announcements;
pub use cart::CartLink;
pub use checkout::CheckoutForm;
pub use island::Island;
pub use note::RefusedNote;
pub use order::LiveOrder;
pub use orders_menu::OrdersMenu;
pub use product::AddToCart;
pub use report::LiveReport;
pub use takeover::start;
