//! The runtime at work on the reference store. Time is paused or moved by hand: nothing here ever sleeps.

mod bench;
mod faulty;
mod housekeeping;
mod leases;
mod runner;
mod worker;
