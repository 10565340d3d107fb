//! The runtime at work on the reference store. Time is paused: a test of an hour takes no time.

mod bench;
mod exhausted;
mod faulty;
mod housekeeping;
mod leases;
mod runner;
mod worker;
