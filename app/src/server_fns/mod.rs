//! What the pages ask for: one function each for what a page shows, and a server function for each form. A form names its
//! function, so the same one answers with and without JavaScript.

pub mod cart;
pub mod checkout;
pub mod header;
pub mod help;
pub mod orders;
pub mod report;
pub mod shop;
