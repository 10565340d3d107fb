//! The parts that pages are made of.

pub mod address;
pub mod field;
pub mod footer;
pub mod form;
pub mod header;
pub mod lines;
pub mod order_words;
pub mod payment;
pub mod repair;
pub mod slip;
pub mod state;
pub mod steps;
pub mod time;
pub mod tray;
pub mod trouble;
