//! How many first pages of the shop are rendered a second.
//!
//! Each request comes from a new visitor, without a cookie, so the server also makes a session for it. The pages are not
//! compressed, because the client does not ask for it. A page that names the files of a site needs the built one.

use std::fmt::Write as _;

use crate::bench::{Bench, Outcome};
use crate::client::Request;
use crate::server::Server;
use crate::table::{heading, row};

/// So many products the page shows.
const PRODUCTS: u32 = 24;

/// Measures at the largest number of connections, with the built site if there is one.
pub async fn run(bench: &Bench) -> Outcome {
    let Some(site) = &bench.site else {
        println!("the first page of the shop needs the built site (`cargo xtask build`, or --site): skipped");
        return Ok(());
    };
    let connections = bench.most_connections();
    heading(&format!("at {connections} connections"));
    let bound = bench.bound(connections).await?;
    let installation = bench.installation().await?;
    installation.import(&catalogue()).await?;
    let server = Server::start(installation, &[("LEPTOS_SITE_ROOT", site.as_os_str())]).await?;
    let measured = bench.answered(&server.address, connections, Request::get("/")).await?;
    row("first page of the shop", &measured, Some(bound.per_second));
    Ok(())
}

/// Returns a catalogue that, with the product that is already there, has as many as the page shows.
fn catalogue() -> String {
    let mut text = "sku,name,description,price,stock,category,image\n".to_owned();
    for number in 1..PRODUCTS {
        let category = ["Kitchen", "Office", "Garden"][number as usize % 3];
        // Writing to a String does not fail.
        let _ = writeln!(
            text,
            "item-{number},Item {number},\"A thing for every day, made to last.\",{number}.90,1000,{category},"
        );
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_catalogue_lacks_only_the_product_that_is_there() {
        assert_eq!(catalogue().lines().count(), PRODUCTS as usize, "a heading, and one product less");
    }
}
