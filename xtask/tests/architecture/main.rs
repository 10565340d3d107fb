//! The rules of the house, as tests: who may import whom, and what stays in its room.

mod crates;
mod cycles;
mod rooms;
mod sources;
mod tidiness;
