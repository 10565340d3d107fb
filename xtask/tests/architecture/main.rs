//! The rules of the architecture, as tests.

mod crates;
mod cycles;
mod rooms;
mod sources;
mod tidiness;
