//! The pages of Docket: rendered on the server, then taken over by the browser.

mod app;

pub use app::{App, shell};
