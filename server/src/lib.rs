//! Docket's server: everything that never compiles to WebAssembly.

pub mod site;
