//! The catalogue.

use orders::ProductPage;
use serde::{Deserialize, Serialize};

use crate::cart::CartItem;
use crate::outcome::Refused;
use crate::page_error::PageError;

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Search {
    pub query: String,
    /// Only this category; empty is all.
    pub category: String,
    /// The last product of the previous page; empty for the first page.
    pub after: String,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ProductList {
    pub page: ProductPage,
    pub cart: Vec<CartItem>,
    /// Why a form of this page was refused.
    pub refused: Option<Refused>,
}

pub async fn load_products(search: Search) -> Result<ProductList, PageError> {
    use orders::ProductQuery;

    let page = crate::ssr::page()?;
    let given = |text: String| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
    let query = ProductQuery {
        query: given(search.query),
        category: given(search.category),
        page_size: None,
        page_token: given(search.after),
    };
    let products = page.service.products(&query).await.map_err(crate::ssr::refuse)?;
    let cart = page.cart().map(|cart| cart.items).unwrap_or_default();
    Ok(ProductList {
        page: products,
        cart,
        refused: crate::ssr::submitted().and_then(|submitted| submitted.refused),
    })
}
