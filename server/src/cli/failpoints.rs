//! `docket failpoints`

use super::process::Failure;
use crate::platform::failpoint::{Bug, IS_BUILT_IN, Point};

/// Prints the names that `FAILPOINTS` accepts: points and bugs.
pub(super) fn run() -> Result<(), Failure> {
    if !IS_BUILT_IN {
        return Err("this program was not built to be broken; see the feature `torture`".into());
    }
    Point::ALL.iter().for_each(|point| println!("point {}", point.name()));
    Bug::ALL.iter().for_each(|bug| println!("bug {}", bug.name()));
    Ok(())
}
