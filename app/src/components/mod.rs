//! The parts that pages and islands are made of: functions of what they show.

pub mod address;
pub mod address_part;
pub mod changing;
pub mod element;
pub mod field;
pub mod form;
pub mod history;
pub mod lines;
pub mod order_row;
pub mod order_words;
pub mod payment;
pub mod repair;
pub mod slip;
pub mod state;
pub mod steps;
pub mod time;
pub mod trouble;
pub mod typed;
