//! Components of pages and islands: functions that return views.

pub mod address;
pub mod address_fieldset;
pub mod draft;
pub mod element;
pub mod field;
pub mod form;
pub mod form_data;
pub mod history;
pub mod lines;
pub mod order_card;
pub mod order_forms;
pub mod order_row;
pub mod order_status;
pub mod payment;
pub mod reactive;
pub mod refused_note;
pub mod state;
pub mod steps;
pub mod time;
