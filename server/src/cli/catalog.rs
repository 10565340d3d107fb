//! `docket catalog …`

use std::path::PathBuf;

use clap::Subcommand;

use super::{Failure, block_on, open_store};
use crate::catalog;
use crate::config::{Shop, Sources};

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Add products from a CSV file and replace those whose sku is known
    ///
    /// The columns are sku,name,description,price,stock,category,image; prices are decimals such as 12.50. All
    /// of the file is loaded or none of it. It works on a fresh database and beside a running server.
    Import {
        /// The file
        file: PathBuf,
    },
}

pub(super) fn run(command: Command, sources: &Sources) -> Result<(), Failure> {
    let Command::Import { file } = command;
    let currency = Shop::currency(sources)?;
    let name = file.display();
    let text = std::fs::read_to_string(&file).map_err(|error| format!("{name} cannot be read: {error}."))?;
    let products =
        catalog::read_csv(&text, currency).map_err(|error| format!("{name} cannot be loaded: {error}."))?;
    let count = products.len();
    block_on(async {
        let store = open_store(sources).await?;
        let imported = store.import_products(products).await;
        store.close().await;
        Ok(imported?)
    })?;
    println!("Loaded {count} product{}.", if count == 1 { "" } else { "s" });
    Ok(())
}
