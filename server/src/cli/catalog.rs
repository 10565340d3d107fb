//! `docket catalog …`

mod summary;

use std::fs;
use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use encoding_rs::Encoding;

use super::process::{Failure, block_on, open_store};
use crate::catalog::{self, CatalogError, ColumnNames, DecimalMark, Options, Plan};
use crate::config::{Shop, Sources, StoreConfig};
use crate::store::sqlite::products_in;

/// How many lines with errors are printed; the rest is counted.
const MAX_ERROR_LINES: usize = 100;

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Add products from a CSV file and change those whose SKU is known
    ///
    /// Docket's own columns are sku,name,description,price,stock,category,image; sku, name and price are required.
    /// Product exports of Shopify and WooCommerce are recognised: each variant becomes a product, and drafts, gift
    /// cards and products without shipping are left out and counted. For other files, --columns names the headings.
    ///
    /// Encoding (UTF-8, UTF-16, Windows and others), delimiter (comma, semicolon, tab, bar), decimal mark, thousands
    /// separators and currency signs are recognised. Prices are in the currency of the shop.
    ///
    /// The whole file is imported or nothing: all lines with errors are listed at once. Products of the shop that are
    /// not in the file stay as they are, and so do fields without a column. It works on a new database and beside a
    /// running server, which uses the new prices a second later.
    Import(Import),
}

#[derive(Debug, Args)]
pub(super) struct Import {
    /// The file
    file: PathBuf,
    /// Print what would change, and write nothing
    #[arg(long)]
    dry_run: bool,
    /// The headings of other files, such as sku=Artikelnummer,price=VK-Preis
    ///
    /// The fields are sku, name, description, price, stock, category and image. Fields without an entry are read from
    /// the columns with their own names.
    #[arg(long, value_name = "FIELD=HEADING,…")]
    columns: Option<ColumnNames>,
    /// The decimal mark, for files where it is ambiguous: whether 1.250 is more than a thousand or less than two
    #[arg(long, value_name = "MARK")]
    decimal: Option<Mark>,
    /// The encoding, when it is not recognised, such as windows-1250
    #[arg(long, value_name = "NAME", value_parser = encoding)]
    encoding: Option<&'static Encoding>,
    /// The stock of a new product whose stock the file does not count
    #[arg(long, value_name = "NUMBER", default_value_t = 0)]
    uncounted_stock: u32,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Mark {
    /// 12.50
    Point,
    /// 12,50
    Comma,
}

pub(super) fn run(command: Command, sources: &Sources) -> Result<(), Failure> {
    let Command::Import(import) = command;
    let currency = Shop::currency(sources)?;
    let database = StoreConfig::read(sources)?.file;
    let name = import.file.display().to_string();
    let bytes = fs::read(&import.file).map_err(|error| format!("{name} cannot be read: {error}."))?;
    let options = Options {
        columns: import.columns.unwrap_or_default(),
        decimal: import.decimal.map(|mark| match mark {
            Mark::Point => DecimalMark::Point,
            Mark::Comma => DecimalMark::Comma,
        }),
        encoding: import.encoding,
    };
    let file = catalog::read(&bytes, currency, &options).map_err(|error| refusal(&name, &error))?;
    let plan_for = |shop: &[orders::Product]| {
        Plan::of(&file.products, shop, currency, import.uncounted_stock)
            .map_err(|error| refusal(&name, &error))
    };
    let plan = if import.dry_run {
        plan_for(&products_in(&database)?)?
    } else {
        block_on(async {
            let store = open_store(sources).await?;
            let imported = async {
                let plan = plan_for(&store.products().await?)?;
                store.write_products(plan.clone().writes()).await?;
                Ok::<_, Failure>(plan)
            };
            let imported = imported.await;
            store.close().await;
            imported
        })?
    };
    for line in summary::lines(&name, &file, &plan, import.dry_run) {
        println!("{line}");
    }
    Ok(())
}

/// Returns why a file is not imported: one line for every error.
fn refusal(name: &str, error: &CatalogError) -> Failure {
    let CatalogError::Lines(errors) = error else {
        return format!("{name} cannot be imported, and nothing was changed: {error}.").into();
    };
    let mut text = format!("{name} cannot be imported, and nothing was changed:");
    for error in errors.iter().take(MAX_ERROR_LINES) {
        text.push_str(&format!("\n  {error}"));
    }
    if let Some(more) = errors.len().checked_sub(MAX_ERROR_LINES).filter(|more| *more > 0) {
        text.push_str(&format!("\n  and {more} more"));
    }
    text.into()
}

fn encoding(label: &str) -> Result<&'static Encoding, String> {
    Encoding::for_label_no_replacement(label.as_bytes()).ok_or_else(|| {
        "it is not the name of an encoding, such as utf-8, utf-16le or windows-1252".to_owned()
    })
}
