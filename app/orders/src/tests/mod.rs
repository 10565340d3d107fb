mod cancelling;
mod commands;
mod happy_path;
mod questions;
mod reducer;
mod requests;
mod wire;
mod wording;
