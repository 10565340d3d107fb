//! What an import would change in the shop.

use std::collections::HashMap;

use orders::{Currency, Product};

use super::Field;
use super::draft::FileProduct;
use super::draft::PLACEHOLDER;
use super::error::CatalogError;
use crate::store::product_write::ProductWrite;

/// The category of new products without one.
const NO_CATEGORY: &str = "Other";

/// The changes of an import.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Plan {
    /// Products that are new to the shop, in the order of the file.
    pub new: Vec<Product>,
    /// Products that change, in the order of the file.
    pub changed: Vec<Change>,
    /// How many products of the file are already so in the shop.
    pub unchanged: usize,
    /// How many products of the shop are not in the file; they stay.
    pub absent: usize,
}

/// A change of a product.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The product before.
    pub before: Product,
    /// The product after.
    pub after: Product,
}

/// A change of one field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// The field.
    pub field: Field,
    /// The value before.
    pub from: String,
    /// The value after.
    pub to: String,
}

impl Plan {
    /// Compares the products of a file with those of the shop. New products without a counted stock start with
    /// `uncounted_stock`.
    ///
    /// # Errors
    /// When the shop would have prices in two currencies.
    pub fn of(
        file: &[FileProduct],
        shop: &[Product],
        currency: Currency,
        uncounted_stock: u32,
    ) -> Result<Self, CatalogError> {
        let mut rest: HashMap<&str, &Product> =
            shop.iter().map(|product| (product.sku.as_str(), product)).collect();
        let mut plan = Self::default();
        for product in file {
            match rest.remove(product.sku.as_str()) {
                None => plan.new.push(begun(product, uncounted_stock)),
                Some(before) => match changed(before, product) {
                    after if after == *before => plan.unchanged += 1,
                    after => plan.changed.push(Change { before: before.clone(), after }),
                },
            }
        }
        plan.absent = rest.len();
        let elsewhere =
            || rest.values().map(|product| product.price.currency).filter(|other| *other != currency);
        match elsewhere().next() {
            Some(other) => Err(CatalogError::OtherCurrency { currency, other, count: elsewhere().count() }),
            None => Ok(plan),
        }
    }

    /// Returns the rows to write.
    pub fn writes(self) -> Vec<ProductWrite> {
        let changed = self.changed.into_iter().map(|Change { before, after }| ProductWrite {
            // Orders go on meanwhile, so an unchanged stock is not written back.
            sets_stock: before.stock != after.stock,
            product: after,
        });
        self.new.into_iter().map(ProductWrite::new).chain(changed).collect()
    }
}

impl Change {
    /// Returns the fields that differ.
    pub fn differences(&self) -> Vec<Difference> {
        let (before, after) = (&self.before, &self.after);
        let texts = |product: &Product| {
            [
                (Field::Name, product.name.clone()),
                (Field::Description, product.description.clone()),
                (Field::Price, product.price.to_string()),
                (Field::Stock, product.stock.to_string()),
                (Field::Category, product.category.clone()),
                (Field::Image, product.image.clone()),
            ]
        };
        let both = texts(before).into_iter().zip(texts(after));
        both.filter(|((_, from), (_, to))| from != to)
            .map(|((field, from), (_, to))| Difference { field, from, to })
            .collect()
    }
}

fn begun(product: &FileProduct, uncounted_stock: u32) -> Product {
    Product {
        sku: product.sku.clone(),
        name: product.name.clone(),
        description: product.description.clone().unwrap_or_default(),
        category: product.category.clone().unwrap_or_else(|| NO_CATEGORY.to_owned()),
        price: product.price,
        stock: product.stock.unwrap_or(uncounted_stock),
        image: product.image.clone().unwrap_or_else(|| PLACEHOLDER.to_owned()),
    }
}

fn changed(before: &Product, product: &FileProduct) -> Product {
    let Product { sku, description, category, stock, image, .. } = before.clone();
    Product {
        sku,
        name: product.name.clone(),
        description: product.description.clone().unwrap_or(description),
        category: product.category.clone().unwrap_or(category),
        price: product.price,
        stock: product.stock.unwrap_or(stock),
        image: product.image.clone().unwrap_or(image),
    }
}

#[cfg(test)]
mod tests {
    use orders::Money;

    use super::*;

    fn euros(amount: i64) -> Money {
        Money::new(amount, Currency::EUR)
    }

    fn file(sku: &str) -> FileProduct {
        FileProduct {
            line: 2,
            sku: sku.to_owned(),
            name: "Mug".to_owned(),
            price: euros(1250),
            stock: Some(3),
            description: Some("Blue.".to_owned()),
            category: Some("Kitchen".to_owned()),
            image: Some("/mug.svg".to_owned()),
        }
    }

    fn shop(sku: &str) -> Product {
        begun(&file(sku), 0)
    }

    #[test]
    fn products_are_new_changed_unchanged_or_not_in_the_file() {
        let files = [
            file("new"),
            FileProduct { price: euros(1300), stock: Some(1), ..file("changed") },
            file("same"),
        ];
        let plan =
            Plan::of(&files, &[shop("same"), shop("changed"), shop("other")], Currency::EUR, 0).unwrap();
        assert_eq!(plan.new, [shop("new")]);
        assert_eq!((plan.unchanged, plan.absent, plan.changed.len()), (1, 1, 1));
        let differences = plan.changed[0].differences();
        let told: Vec<_> = differences.iter().map(|d| (d.field, d.from.as_str(), d.to.as_str())).collect();
        assert_eq!(told, [(Field::Price, "€12.50", "€13.00"), (Field::Stock, "3", "1")]);
    }

    #[test]
    fn missing_fields_keep_their_value_and_have_defaults_for_new_products() {
        let silent =
            |sku| FileProduct { stock: None, description: None, category: None, image: None, ..file(sku) };
        let plan = Plan::of(&[silent("known"), silent("new")], &[shop("known")], Currency::EUR, 5).unwrap();
        assert_eq!((plan.unchanged, plan.changed.len()), (1, 0));
        let new = &plan.new[0];
        assert_eq!((new.stock, new.category.as_str(), new.image.as_str()), (5, "Other", PLACEHOLDER));
    }

    #[test]
    fn a_stock_is_written_only_where_the_file_changes_it() {
        let files = [
            FileProduct { name: "Cup".into(), ..file("a") },
            FileProduct { stock: Some(9), ..file("b") },
            file("c"),
        ];
        let plan = Plan::of(&files, &[shop("a"), shop("b")], Currency::EUR, 0).unwrap();
        let writes: Vec<_> =
            plan.writes().into_iter().map(|write| (write.product.sku, write.sets_stock)).collect();
        assert_eq!(writes, [("c".to_owned(), true), ("a".to_owned(), false), ("b".to_owned(), true)]);
    }

    #[test]
    fn a_shop_has_one_currency() {
        let yen: Currency = "JPY".parse().unwrap();
        let files = [FileProduct { price: Money::new(1250, yen), ..file("a") }];
        assert!(Plan::of(&files, &[shop("a")], yen, 0).is_ok(), "all of the shop is in the file");
        let refused = Plan::of(&files, &[shop("a"), shop("b")], yen, 0).unwrap_err();
        assert_eq!(refused, CatalogError::OtherCurrency { currency: yen, other: Currency::EUR, count: 1 });
        assert!(
            refused.to_string().contains("1 product of the shop that is not in it has prices in EUR"),
            "{refused}"
        );
    }
}
