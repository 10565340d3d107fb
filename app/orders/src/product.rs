//! What the shop sells.

use serde::{Deserialize, Serialize};

use crate::Money;

/// One product.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Product {
    /// Its id, 1 to 64 characters.
    pub sku: String,
    /// Its name.
    pub name: String,
    /// One or two sentences.
    pub description: String,
    /// Its category.
    pub category: String,
    /// The price of one.
    pub price: Money,
    /// How many can be ordered now.
    pub stock: u32,
    /// The address of its picture.
    pub image: String,
}

/// Which products to list.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProductQuery {
    /// Words to search for in name and description.
    pub query: Option<String>,
    /// Only this category.
    pub category: Option<String>,
    /// The page size: 50 by default, at most 100.
    pub page_size: Option<u32>,
    /// The `next_page_token` of the previous page.
    pub page_token: Option<String>,
}

/// A page of products, in the order of the catalogue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProductPage {
    /// The products.
    pub products: Vec<Product>,
    /// The token of the next page; none on the last.
    pub next_page_token: Option<String>,
    /// All categories of the shop, in the order of the catalogue.
    #[serde(default)]
    pub categories: Vec<String>,
}
