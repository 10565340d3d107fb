//! The catalogue in memory: prices at most a second old.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use orders::{Problem, ProblemCode, Product, ProductPage, ProductQuery};
use queue::Timestamp;

use crate::store::ReadError;
use crate::store::Store;

/// A catalogue imported by another process is used after this time.
const MAX_AGE: Duration = Duration::from_secs(1);

/// The largest page of a list.
pub(super) const MAX_PAGE_SIZE: u32 = 100;
/// The page size of a list without a `page_size`.
pub(super) const DEFAULT_PAGE_SIZE: u32 = 50;

/// Products by SKU.
pub(super) type Catalogue = Arc<HashMap<String, Product>>;

#[derive(Debug, Default)]
pub(super) struct Prices(RwLock<Option<(Timestamp, Catalogue)>>);

impl Prices {
    pub(super) async fn current(&self, store: &dyn Store, now: Timestamp) -> Result<Catalogue, ReadError> {
        let kept = self.0.read().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some((read_at, catalogue)) = kept
            && now.since(read_at) < MAX_AGE
            && read_at <= now
        {
            return Ok(catalogue);
        }
        // In a box, because it is rare, and its future is large.
        let products = Box::pin(store.products()).await?;
        let catalogue: Catalogue =
            Arc::new(products.into_iter().map(|product| (product.sku.clone(), product)).collect());
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Some((now, catalogue.clone()));
        Ok(catalogue)
    }
}

/// Whether a text contains a word, or the word without its plural ending.
fn has(text: &str, word: &str) -> bool {
    let hissing = |one: &&str| ["s", "x", "z", "ch", "sh"].iter().any(|end| one.ends_with(end));
    let one = word.strip_suffix("es").filter(hissing).or_else(|| word.strip_suffix('s'));
    text.contains(word) || one.is_some_and(|one| one.chars().count() > 2 && text.contains(one))
}

/// Returns a page of the products that match a query.
pub(super) fn page(all: Vec<Product>, query: &ProductQuery) -> Result<ProductPage, Problem> {
    let mut categories: Vec<String> = Vec::new();
    for product in &all {
        if !categories.contains(&product.category) {
            categories.push(product.category.clone());
        }
    }
    let words: Vec<String> =
        query.query.iter().flat_map(|q| q.split_whitespace()).map(str::to_lowercase).collect();
    let category = query.category.as_deref().filter(|category| !category.is_empty());
    let limit = query.page_size.unwrap_or(DEFAULT_PAGE_SIZE).clamp(1, MAX_PAGE_SIZE) as usize;
    let mut found = all.into_iter().filter(|product| {
        let text = format!("{} {} {}", product.name, product.description, product.sku).to_lowercase();
        category.is_none_or(|category| product.category.eq_ignore_ascii_case(category))
            && words.iter().all(|word| has(&text, word))
    });
    if let Some(last) = query.page_token.as_deref().filter(|token| !token.is_empty()) {
        // A page token is the SKU of the last product of the previous page.
        if !found.by_ref().any(|product| product.sku == last) {
            return Err(Problem::new(ProblemCode::MalformedQuery)
                .detail("page_token is not one that a page ended with."));
        }
    }
    let products: Vec<Product> = found.by_ref().take(limit).collect();
    let next_page_token =
        found.next().is_some().then(|| products.last().map(|last| last.sku.clone())).flatten();
    Ok(ProductPage { products, next_page_token, categories })
}

#[cfg(test)]
mod tests {
    use super::has;

    #[test]
    fn a_plural_finds_the_singular() {
        assert!(has("blue mug", "mugs") && has("blue mug", "mug") && has("a brush", "brushes"));
        assert!(has("brass ruler", "brass"));
        assert!(!has("a short shop", "shoes") && !has("it is", "as") && !has("blue mug", "cups"));
    }
}
