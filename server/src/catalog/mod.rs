//! The catalogue file: `sku,name,description,price,stock,category,image`, prices in major units.

use orders::{Currency, Money, Product, looks_like_card_number};
use serde::Deserialize;

/// The sample shop, loaded into a new database.
const SAMPLE: &str = include_str!("sample.csv");

/// The picture of a product that has none.
const PLACEHOLDER: &str = "/placeholder.svg";

/// A catalogue file that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum CatalogError {
    /// A line is not as the columns say.
    #[error("line {line}: {reason}")]
    Line {
        /// Counted from 1, the heading included.
        line: u64,
        /// What is wrong with it.
        reason: String,
    },
    /// There is nothing in it.
    #[error("the file names no product")]
    Empty,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Record {
    sku: String,
    name: String,
    description: String,
    price: String,
    stock: u32,
    category: String,
    #[serde(default)]
    image: String,
}

/// Reads a catalogue, all of it or none.
///
/// # Errors
/// Names the first line that cannot be used, and why.
pub fn read_csv(text: &str, currency: Currency) -> Result<Vec<Product>, CatalogError> {
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(text.as_bytes());
    let mut products: Vec<Product> = Vec::new();
    for (place, record) in reader.deserialize::<Record>().enumerate() {
        let line = place as u64 + 2;
        let wrong = |reason: String| CatalogError::Line { line, reason };
        let record = record.map_err(|e| wrong(e.to_string()))?;
        if record.sku.is_empty() || record.sku.len() > 64 || record.sku.contains(char::is_whitespace) {
            return Err(wrong("sku must have 1 to 64 characters and no blanks".to_owned()));
        }
        if looks_like_card_number(&record.sku) {
            let reason = "sku looks like a card number, and an order with one in it is refused: put a letter among its digits";
            return Err(wrong(reason.to_owned()));
        }
        if products.iter().any(|known| known.sku == record.sku) {
            return Err(wrong(format!("sku {} is there twice", record.sku)));
        }
        if record.name.is_empty() || record.category.is_empty() {
            return Err(wrong("name and category must not be empty".to_owned()));
        }
        let (whole, fraction) = record.price.split_once('.').unwrap_or((&record.price, ""));
        let price = Money::from_digits(whole, fraction, currency)
            .map_err(|_| wrong(format!("price {:?} is not a decimal such as 12.50", record.price)))?;
        products.push(Product {
            sku: record.sku,
            name: record.name,
            description: record.description,
            category: record.category,
            price,
            stock: record.stock,
            image: if record.image.is_empty() { PLACEHOLDER.to_owned() } else { record.image },
        });
    }
    if products.is_empty() { Err(CatalogError::Empty) } else { Ok(products) }
}

/// The sample shop.
///
/// # Errors
/// Never with the file that is built in; a test reads it.
pub fn sample(currency: Currency) -> Result<Vec<Product>, CatalogError> {
    read_csv(SAMPLE, currency)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sample_shop_can_be_read_and_has_the_blue_mug() {
        let products = sample(Currency::EUR).unwrap();
        assert!(products.len() >= 24);
        assert!(products.iter().any(|product| product.sku == "mug-blue"));
    }

    #[test]
    fn a_line_that_cannot_be_used_is_named() {
        let head = "sku,name,description,price,stock,category,image\n";
        for (line, says) in [
            ("mug,Mug,,12,50,3,Kitchen,", "line 2"),
            ("mug,Mug,,twelve,3,Kitchen,", "decimal"),
            ("mug,Mug,,12.50,-1,Kitchen,", "line 2"),
            (",Mug,,12.50,1,Kitchen,", "sku"),
            ("5901234123457,Mug,,12.50,1,Kitchen,", "put a letter among its digits"),
            ("4242-4242-4242-4242,Mug,,12.50,1,Kitchen,", "put a letter among its digits"),
        ] {
            let error = read_csv(&format!("{head}{line}\n"), Currency::EUR).unwrap_err().to_string();
            assert!(error.contains(says), "{line}: {error}");
        }
        assert!(read_csv(head, Currency::EUR).is_err());
    }

    #[test]
    fn a_product_without_a_picture_gets_the_drawn_placeholder() {
        let text = "sku,name,description,price,stock,category,image\na,A,,1,1,C,\n";
        assert_eq!(read_csv(text, Currency::EUR).unwrap()[0].image, PLACEHOLDER);
    }
}
