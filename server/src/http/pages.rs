//! Mounts the pages: the only file that knows the app.

use std::io;

use axum::Router;

use super::state::HttpState;
use crate::site::Site;

/// The pages and the files they load.
pub fn routes(_state: &HttpState, site: &Site) -> io::Result<Router> {
    site.routes()
}
