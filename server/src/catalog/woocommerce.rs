//! WooCommerce's product export.
//!
//! A product with variations is a row of the type `variable`, which is not sold itself, and rows of the type
//! `variation`, which name it as their parent by its SKU or as `id:12`.

use std::collections::{HashMap, HashSet};

use super::columns::Columns;
use super::draft::{Draft, Drafts};
use super::error::{CatalogError, LineError};
use super::html;
use super::note::{Note, Notes};
use super::table::{Row, Table};
use super::variant;

/// Whether the headings are WooCommerce's.
pub(super) fn is_woocommerce(columns: &Columns<'_>) -> bool {
    ["type", "sku", "name", "regular price"].iter().all(|heading| columns.has(&[heading]))
}

/// The headings by which its files are known.
pub(super) const HEADINGS: [&str; 5] = ["type", "in stock?", "regular price", "categories", "parent"];
/// How many attributes a variation has at most.
const MAX_ATTRIBUTES: usize = 20;

struct Places {
    id: Option<usize>,
    kind: Option<usize>,
    sku: Option<usize>,
    name: Option<usize>,
    published: Option<usize>,
    visibility: Option<usize>,
    short: Option<usize>,
    long: Option<usize>,
    sale_starts: Option<usize>,
    sale_ends: Option<usize>,
    in_stock: Option<usize>,
    stock: Option<usize>,
    sale_price: Option<usize>,
    regular_price: Option<usize>,
    categories: Option<usize>,
    images: Option<usize>,
    parent: Option<usize>,
    attributes: Vec<Option<usize>>,
}

impl Places {
    fn find(columns: &mut Columns<'_>) -> Result<Self, CatalogError> {
        let mut attributes = Vec::new();
        for number in 1..=MAX_ATTRIBUTES {
            columns.find(&[&format!("attribute {number} name")])?;
            attributes.push(columns.find(&[&format!("attribute {number} value(s)")])?);
        }
        let mut find = |heading: &str| columns.find(&[heading]);
        Ok(Self {
            id: find("id")?,
            kind: find("type")?,
            sku: find("sku")?,
            name: find("name")?,
            published: find("published")?,
            visibility: find("visibility in catalog")?,
            short: find("short description")?,
            long: find("description")?,
            sale_starts: find("date sale price starts")?,
            sale_ends: find("date sale price ends")?,
            in_stock: find("in stock?")?,
            stock: find("stock")?,
            sale_price: find("sale price")?,
            regular_price: find("regular price")?,
            categories: find("categories")?,
            images: find("images")?,
            parent: find("parent")?,
            attributes,
        })
    }

    /// Whether a row has this type, as in `variation, virtual`.
    fn is(&self, row: &Row, kind: &str) -> bool {
        row.cell(self.kind).split(',').any(|own| own.trim().eq_ignore_ascii_case(kind))
    }

    /// Returns the names by which variations refer to a product.
    fn names(&self, row: &Row) -> Vec<String> {
        let id = Some(row.cell(self.id)).filter(|id| !id.is_empty()).map(|id| format!("id:{id}"));
        let sku = Some(unescaped(row.cell(self.sku))).filter(|sku| !sku.is_empty()).map(str::to_owned);
        id.into_iter().chain(sku).collect()
    }

    fn left_out(&self, row: &Row) -> Option<Note> {
        let published = row.cell(self.published);
        if !matches!(published, "" | "1") || row.cell(self.visibility).eq_ignore_ascii_case("hidden") {
            return Some(Note::LeftOutUnpublished);
        }
        if self.is(row, "grouped") || self.is(row, "external") {
            return Some(Note::LeftOutGrouped);
        }
        (self.is(row, "virtual") || self.is(row, "downloadable")).then_some(Note::LeftOutVirtual)
    }

    fn options<'r>(&self, row: &'r Row) -> Vec<&'r str> {
        let values = self.attributes.iter().map(|column| row.cell(*column));
        values.filter(|value| !value.is_empty()).collect()
    }

    /// Returns the price that a customer pays, unless it is limited in time.
    fn price<'r>(&self, row: &'r Row, notes: &mut Notes) -> &'r str {
        let (sale, regular) = (row.cell(self.sale_price), row.cell(self.regular_price));
        let is_for_a_time =
            [self.sale_starts, self.sale_ends].iter().any(|column| !row.cell(*column).is_empty());
        match (sale, is_for_a_time) {
            ("", _) => regular,
            (_, true) => {
                notes.add(Note::SaleForATime);
                regular
            }
            (sale, false) => {
                notes.add(Note::SalePrice);
                sale
            }
        }
    }

    /// Returns the stock; none where WooCommerce does not count it, or counts all variations together.
    fn stock(&self, row: &Row) -> Option<String> {
        match (row.cell(self.stock), row.cell(self.in_stock)) {
            (_, "0") => Some("0".to_owned()),
            ("" | "parent", _) => None,
            (stock, _) => Some(stock.to_owned()),
        }
    }

    fn description(&self, row: &Row) -> String {
        let text = |column| html::to_text(&with_line_breaks(unescaped(row.cell(column))));
        Some(text(self.short)).filter(|text| !text.is_empty()).unwrap_or_else(|| text(self.long))
    }
}

pub(super) fn read(table: &Table, columns: &mut Columns<'_>) -> Result<Drafts, CatalogError> {
    let places = Places::find(columns)?;
    let mut all = Drafts::default();
    let is_variation = |row: &Row| places.is(row, "variation");
    let mut products: HashMap<String, &Row> = HashMap::new();
    for row in table.rows.iter().filter(|row| !is_variation(row)) {
        products.extend(places.names(row).into_iter().map(|name| (name, row)));
    }
    let parent_of = |row: &Row| products.get(unescaped(row.cell(places.parent))).copied();
    let with_variations: HashSet<u64> = table
        .rows
        .iter()
        .filter(|row| is_variation(row))
        .filter_map(|row| Some(parent_of(row)?.line))
        .collect();
    for row in &table.rows {
        let parent = if is_variation(row) { parent_of(row) } else { None };
        if is_variation(row) && parent.is_none() {
            let parent = row.cell(places.parent);
            let reason = format!(
                "is a variation of {parent:?}, which is not in the file: export it together with its product"
            );
            all.errors.push(LineError::new(row.line, reason));
        } else if let Some(note) = places.left_out(row) {
            all.notes.add(note);
        } else if parent.is_some_and(|parent| places.left_out(parent).is_some()) {
            // It is left out with its product, which was counted.
        } else if places.is(row, "variable") {
            if !with_variations.contains(&row.line) {
                all.notes.add(Note::LeftOutWithoutVariations);
            }
        } else {
            all.drafts.push(draft(&places, row, parent, &mut all.notes));
        }
    }
    Ok(all)
}

fn draft(places: &Places, row: &Row, parent: Option<&Row>, notes: &mut Notes) -> Draft {
    let whole = parent.unwrap_or(row);
    let options = if parent.is_some() { places.options(row) } else { Vec::new() };
    let sku = match unescaped(row.cell(places.sku)) {
        "" => {
            notes.add(Note::SkuMade);
            let of_product = Some(unescaped(whole.cell(places.sku))).filter(|sku| !sku.is_empty());
            let of_product =
                of_product.map_or_else(|| format!("product-{}", whole.cell(places.id)), str::to_owned);
            variant::sku(&of_product, &options)
        }
        sku => sku.to_owned(),
    };
    let (own, product) = (unescaped(row.cell(places.name)), unescaped(whole.cell(places.name)));
    // WooCommerce names a variation after its first attributes, or like its product when there are many.
    let name =
        if own.is_empty() || own == product { variant::name(product, &options) } else { own.to_owned() };
    let description = Some(places.description(row)).filter(|text| !text.is_empty());
    let images = Some(row.cell(places.images)).filter(|images| !images.is_empty());
    let image = values(images.unwrap_or_else(|| whole.cell(places.images))).into_iter().next();
    let category = values(whole.cell(places.categories)).into_iter().next().unwrap_or_default();
    Draft {
        line: row.line,
        sku,
        name,
        price: places.price(row, notes).to_owned(),
        stock: places.stock(row),
        description: places
            .short
            .or(places.long)
            .map(|_| description.unwrap_or_else(|| places.description(whole))),
        category: Some(category.rsplit('>').next().unwrap_or_default().trim().to_owned()),
        image,
    }
}

/// Removes the apostrophe that WooCommerce writes before text that a spreadsheet would take for a formula.
fn unescaped(text: &str) -> &str {
    text.strip_prefix('\'').filter(|rest| rest.starts_with(['=', '+', '-', '@'])).unwrap_or(text)
}

/// Replaces the `\n` of a description by line breaks.
fn with_line_breaks(text: &str) -> String {
    text.replace("\\\\n", "\u{0}").replace("\\n", "\n").replace('\u{0}', "\\n")
}

/// Splits a list at commas; a comma within a value is written `\,`.
fn values(list: &str) -> Vec<String> {
    let list = list.replace("\\,", "\u{0}");
    let values = list.split(',').map(|value| value.trim().replace('\u{0}', ","));
    values.filter(|value| !value.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_and_descriptions_are_read_as_woocommerce_writes_them() {
        assert_eq!(values("Home > Salt\\, pepper, Gifts"), ["Home > Salt, pepper", "Gifts"]);
        assert!(values(" , ").is_empty());
        assert_eq!(with_line_breaks("One.\\nTwo \\\\n three."), "One.\nTwo \\n three.");
        assert_eq!(unescaped("'-10 °C bottle"), "-10 °C bottle");
        assert_eq!(unescaped("'quoted'"), "'quoted'");
    }
}
