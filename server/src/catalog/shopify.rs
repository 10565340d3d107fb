//! Shopify's product export, with the column names of its older and its newer template.
//!
//! All rows of one handle are one product. Its title and description are in the first row; each row with an option or
//! a price is a variant, and other rows only add pictures.

use std::collections::HashMap;

use super::columns::Columns;
use super::draft::{Draft, Drafts};
use super::error::{CatalogError, LineError};
use super::html;
use super::note::Note;
use super::table::{Row, Table};
use super::variant;

const HANDLE: [&str; 2] = ["handle", "url handle"];
const PRICE: [&str; 2] = ["variant price", "price"];
/// The option of a product without variants.
const NO_OPTION: &str = "default title";

/// Whether the headings are Shopify's.
pub(super) fn is_shopify(columns: &Columns<'_>) -> bool {
    columns.has(&HANDLE) && columns.has(&["title"]) && columns.has(&PRICE)
}

/// The headings by which the format is recognised.
pub(super) const HEADINGS: [&str; 6] =
    ["handle", "url handle", "title", "variant sku", "variant price", "option1 value"];

struct Places {
    handle: Option<usize>,
    title: Option<usize>,
    body: Option<usize>,
    category: Option<usize>,
    kind: Option<usize>,
    published: Option<usize>,
    status: Option<usize>,
    gift_card: Option<usize>,
    options: [Option<usize>; 3],
    sku: Option<usize>,
    price: Option<usize>,
    tracker: Option<usize>,
    stock: Option<usize>,
    image: Option<usize>,
    variant_image: Option<usize>,
}

impl Places {
    fn find(columns: &mut Columns<'_>) -> Result<Self, CatalogError> {
        for named in ["option1 name", "option2 name", "option3 name"] {
            columns.find(&[named])?;
        }
        Ok(Self {
            handle: columns.find(&HANDLE)?,
            title: columns.find(&["title"])?,
            body: columns.find(&["body (html)", "description"])?,
            category: columns.find(&["product category"])?,
            kind: columns.find(&["type"])?,
            published: columns.find(&["published", "published on online store"])?,
            status: columns.find(&["status"])?,
            gift_card: columns.find(&["gift card"])?,
            options: [
                columns.find(&["option1 value"])?,
                columns.find(&["option2 value"])?,
                columns.find(&["option3 value"])?,
            ],
            sku: columns.find(&["variant sku", "sku"])?,
            price: columns.find(&PRICE)?,
            tracker: columns.find(&["variant inventory tracker", "inventory tracker"])?,
            stock: columns.find(&["variant inventory qty", "inventory quantity"])?,
            image: columns.find(&["image src", "product image url"])?,
            variant_image: columns.find(&["variant image", "variant image url"])?,
        })
    }

    fn options<'r>(&self, row: &'r Row) -> Vec<&'r str> {
        let values = self.options.iter().map(|column| row.cell(*column));
        values.filter(|value| !value.is_empty() && !value.eq_ignore_ascii_case(NO_OPTION)).collect()
    }

    fn is_variant(&self, row: &Row) -> bool {
        [self.sku, self.price, self.options[0]].into_iter().any(|column| !row.cell(column).is_empty())
    }

    /// Returns why a product is not sold.
    fn left_out(&self, row: &Row) -> Option<Note> {
        let is = |column, word: &str| row.cell(column).eq_ignore_ascii_case(word);
        let status = row.cell(self.status);
        if is(self.published, "false") || !status.is_empty() && !is(self.status, "active") {
            return Some(Note::LeftOutUnpublished);
        }
        is(self.gift_card, "true").then_some(Note::LeftOutGiftCard)
    }

    fn category<'r>(&self, row: &'r Row) -> &'r str {
        match row.cell(self.kind) {
            "" => row.cell(self.category).rsplit('>').next().unwrap_or_default().trim(),
            kind => kind,
        }
    }

    /// Returns the stock; none where Shopify does not count it.
    fn stock(&self, row: &Row) -> Option<String> {
        let counts = self.tracker.is_none() || !row.cell(self.tracker).is_empty();
        self.stock.filter(|_| counts).map(|_| row.cell(self.stock).to_owned())
    }
}

pub(super) fn read(table: &Table, columns: &mut Columns<'_>) -> Result<Drafts, CatalogError> {
    let places = Places::find(columns)?;
    let mut all = Drafts::default();
    // The first row of each product, which has the fields that all of its rows share.
    let mut firsts: HashMap<&str, (&Row, Option<Note>)> = HashMap::new();
    for row in &table.rows {
        let handle = row.cell(places.handle);
        if handle.is_empty() {
            all.errors.push(LineError::new(row.line, "has no handle, so it belongs to no product"));
            continue;
        }
        let (first, left_out) = *firsts.entry(handle).or_insert_with(|| {
            let left_out = places.left_out(row);
            if let Some(note) = left_out {
                all.notes.add(note);
            }
            (row, left_out)
        });
        if left_out.is_none() && (places.is_variant(row) || first.line == row.line) {
            all.drafts.push(draft(&places, first, row, &mut all.notes));
        }
    }
    Ok(all)
}

fn draft(places: &Places, first: &Row, row: &Row, notes: &mut super::note::Notes) -> Draft {
    let options = places.options(row);
    // Shopify writes an apostrophe before text that a spreadsheet would take for a number.
    let sku = match row.cell(places.sku).trim_start_matches('\'') {
        "" => {
            notes.add(Note::SkuMade);
            variant::sku(row.cell(places.handle), &options)
        }
        sku => sku.to_owned(),
    };
    let pictures = [row.cell(places.variant_image), row.cell(places.image), first.cell(places.image)];
    Draft {
        line: row.line,
        sku,
        name: variant::name(first.cell(places.title), &options),
        price: row.cell(places.price).to_owned(),
        stock: places.stock(row),
        description: places.body.map(|_| html::to_text(first.cell(places.body))),
        category: Some(places.category(first).to_owned()),
        image: pictures.into_iter().find(|picture| !picture.is_empty()).map(str::to_owned),
    }
}
