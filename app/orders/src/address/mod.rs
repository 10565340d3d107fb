//! Postal addresses: the countries, how an address is written in each, and what is asked for one.
//!
//! There are two tables. The small one, with the countries' names and the order of an address's lines, reaches the browser,
//! which shows addresses. The large one, with what each country asks and calls it and with its regions, is read only where
//! an address is validated and a form is made, and so only on the server: the linker leaves it out of the WebAssembly, and
//! a browser test looks whether it did.
//!
//! A postcode is never compared with a pattern: the examples are there to be read.

mod check;
mod country;
mod format;
mod written;

pub use country::{Country, countries};
pub use format::{AddressFormat, AskedField, Field};
