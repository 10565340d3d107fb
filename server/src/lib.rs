//! The server of Docket: nothing here ever compiles to WebAssembly.
//!
//! An order's way: `accept` → `store` → queue → `pipeline` → `steps` → `gateways` → events → `push` → `http`.

pub mod gateways;
pub mod identity;
pub mod push;
pub mod sandbox;
pub mod site;
pub mod store;
