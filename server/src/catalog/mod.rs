//! Import of products from files: Docket's own format, the exports of Shopify and WooCommerce, and any other table.
//!
//! An import has three parts. [`read`] parses the bytes of a file into products and reports every line with an error;
//! it does not know the shop. [`Plan::of`] compares them with the products of the shop and changes nothing. The store
//! then writes the plan in one transaction.
//!
//! Reading passes these modules in order: `encoding` (bytes to text), `table` (text to rows), `columns` (which column
//! is what), one of `plain`, `shopify` and `woocommerce` (rows to drafts), and `draft` (validation), which reads
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

/// What a file does not say itself.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// The headings of a file that is not in the format of Docket, Shopify or WooCommerce.
    pub columns: ColumnNames,
    /// The decimal mark; recognised by default.
    pub decimal: Option<DecimalMark>,
    /// The encoding; recognised by default.
    pub encoding: Option<&'static Encoding>,
}

/// The format of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// One row for each product, with Docket's headings or the given ones.
    Plain,
    /// Shopify's product export.
    Shopify,
    /// WooCommerce's product export.
    WooCommerce,
}

/// A file without errors.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CatalogFile {
    /// Its format.
    pub format: Format,
    /// Its encoding.
    pub encoding: &'static str,
    /// Its delimiter.
    pub delimiter: char,
    /// Its products in its order, each SKU once.
    pub products: Vec<FileProduct>,
    /// Notes about what was left out or adjusted.
    pub notes: Notes,
    /// Headings that were not read.
    pub ignored: Vec<String>,
}

/// Reads a file completely, or refuses it.
///
/// # Errors
/// When it is not a table with the required columns, or with every line that has an error.
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
    let products = drafts.validate(currency, options.decimal);
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
