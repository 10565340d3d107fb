//! What the pages ask of the server: one function each, called directly while the server renders and over HTTP
//! afterwards. Each form names one of them, so the same function answers with and without JavaScript.

pub mod cart;
pub mod checkout;
pub mod header;
pub mod help;
pub mod orders;
pub mod report;
pub mod shop;
