//! The files that products come from: Docket's own, the exports of Shopify and WooCommerce, and any other table.
//!
//! An import has three parts. [`read`] makes products of the bytes of a file, and names every line that is wrong; it knows
//! nothing of the shop. [`Plan::of`] compares them with the products of the shop, and changes nothing. What the plan says
//! is then written in one transaction by the store.
//!
//! Reading goes through these files in order: `encoding` (bytes to text), `table` (text to rows), `columns` (which column is
//! what), then one of `plain`, `shopify` and `woocommerce` (rows to drafts), and `draft` (every field judged), which reads
//! numbers with `number` and `price`.

mod columns;
mod draft;
mod encoding;
mod error;
mod html;
mod note;
mod number;
mod plain;
mod plan;
mod price;
mod sample;
mod shopify;
mod table;
mod variant;
mod woocommerce;

use encoding_rs::Encoding;
use orders::Currency;

pub use columns::{ColumnNames, Field};
pub use draft::FileProduct;
pub use error::{CatalogError, LineError};
pub use note::{Note, Notes};
pub use number::DecimalMark;
pub use plan::{Change, Difference, Plan};
pub use sample::sample;

use columns::{Columns, normal};
use table::Table;

/// What a file cannot tell by itself.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// The headings of a file that is not Docket's, Shopify's or WooCommerce's.
    pub columns: ColumnNames,
    /// The mark before decimals; recognised when it is not given.
    pub decimal: Option<DecimalMark>,
    /// The encoding; recognised when it is not given.
    pub encoding: Option<&'static Encoding>,
}

/// Whose file it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// One row for each product, under Docket's headings or those that were named.
    Plain,
    /// Shopify's product export.
    Shopify,
    /// WooCommerce's product export.
    WooCommerce,
}

/// A file that was read, without anything wrong in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CatalogFile {
    /// Whose it is.
    pub format: Format,
    /// The encoding that it was in.
    pub encoding: &'static str,
    /// What stands between its cells.
    pub delimiter: char,
    /// Its products, in its order, each SKU once.
    pub products: Vec<FileProduct>,
    /// What is to be told beside them.
    pub notes: Notes,
    /// Headings that were not read.
    pub ignored: Vec<String>,
}

/// Reads a file: all of it, or nothing.
///
/// # Errors
/// When it is no table with the columns that are needed, or with every line that is wrong.
pub fn read(bytes: &[u8], currency: Currency, options: &Options) -> Result<CatalogFile, CatalogError> {
    if bytes.is_empty() {
        return Err(CatalogError::Empty);
    }
    let (text, encoding) = encoding::decode(bytes, options.encoding)?;
    let table = Table::read(&text, |heading| is_known(heading, &options.columns))?;
    let mut columns = Columns::of(&table.headings);
    let format = format_of(&columns, &options.columns);
    let mut drafts = match format {
        Format::Plain => plain::read(&table, &mut columns, &options.columns)?,
        Format::Shopify => shopify::read(&table, &mut columns)?,
        Format::WooCommerce => woocommerce::read(&table, &mut columns)?,
    };
    drafts.notes.add_many(Note::RepeatedHeadings, table.repeated_headings);
    drafts.errors.extend(table.errors);
    let products = drafts.judge(currency, options.decimal);
    if !drafts.errors.is_empty() {
        return Err(CatalogError::Lines(drafts.errors));
    }
    if products.is_empty() {
        return Err(CatalogError::NothingToSell(drafts.notes.sentences()));
    }
    Ok(CatalogFile {
        format,
        encoding: encoding.name(),
        delimiter: table.delimiter,
        products,
        notes: drafts.notes,
        ignored: columns.ignored(),
    })
}

fn format_of(columns: &Columns<'_>, names: &ColumnNames) -> Format {
    if !names.is_empty() {
        Format::Plain
    } else if shopify::is_shopify(columns) {
        Format::Shopify
    } else if woocommerce::is_woocommerce(columns) {
        Format::WooCommerce
    } else {
        Format::Plain
    }
}

fn is_known(heading: &str, names: &ColumnNames) -> bool {
    let heading = normal(heading);
    let own = Field::ALL.iter().map(|field| field.as_str());
    own.chain(shopify::HEADINGS)
        .chain(woocommerce::HEADINGS)
        .map(str::to_owned)
        .chain(names.headings().map(normal))
        .any(|known| known == heading)
}

#[cfg(test)]
mod tests;
