//! The connection of this tab.

use std::cell::RefCell;

use orders::OrderId;

use super::connection::{Command, Connection};

thread_local! {
    static CONNECTION: RefCell<Option<Connection>> = const { RefCell::new(None) };
}

/// Lets the connection, if there is one, decide about an input, and returns its commands.
pub fn update(decide: impl FnOnce(&mut Option<Connection>) -> Vec<Command>) -> Vec<Command> {
    CONNECTION.with_borrow_mut(decide)
}

pub fn read<T>(read: impl FnOnce(Option<&Connection>) -> T) -> T {
    CONNECTION.with_borrow(|connection| read(connection.as_ref()))
}

/// Returns the tracking token of an order that this tab follows by its link.
pub fn token_of(id: OrderId) -> Option<String> {
    read(|connection| connection.and_then(|connection| connection.token_of(id)))
}

/// Whether a topic is an order that this tab follows by its link.
pub fn is_by_link(topic: &str) -> bool {
    read(|connection| connection.is_some_and(|connection| connection.is_by_link(topic)))
}
