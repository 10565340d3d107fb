//! The data of pages and the server functions of forms. A form names its server function, so the same function
//! answers with and without JavaScript.

pub mod cart;
pub mod checkout;
pub mod header;
pub mod orders;
pub mod report;
pub mod shop;
