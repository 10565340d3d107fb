//! Whole files, as shops and spreadsheets write them.

mod plain;
mod refusals;
mod shopify;
mod woocommerce;

use orders::Currency;

use super::{CatalogError, CatalogFile, Options};

fn read(text: &str) -> CatalogFile {
    read_in("EUR", text.as_bytes())
}

fn read_in(currency: &str, bytes: &[u8]) -> CatalogFile {
    super::read(bytes, currency.parse().unwrap(), &Options::default()).unwrap()
}

fn refused(text: &str) -> CatalogError {
    super::read(text.as_bytes(), Currency::EUR, &Options::default()).unwrap_err()
}

/// Returns the errors of each line.
fn wrong_lines(text: &str) -> Vec<String> {
    match refused(text) {
        CatalogError::Lines(errors) => errors.iter().map(ToString::to_string).collect(),
        other => panic!("{other}"),
    }
}

/// Returns SKU, name and price of each product.
fn listed(file: &CatalogFile) -> Vec<(&str, &str, i64)> {
    let products = file.products.iter();
    products.map(|product| (product.sku.as_str(), product.name.as_str(), product.price.amount)).collect()
}
