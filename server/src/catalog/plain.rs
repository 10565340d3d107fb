//! Files with one row for each product: Docket's own, and those whose headings `--columns` names.

use super::columns::{ColumnNames, Columns, Field};
use super::draft::{Draft, Drafts};
use super::error::CatalogError;
use super::table::Table;

/// Required columns; the others are optional.
const REQUIRED: [Field; 3] = [Field::Sku, Field::Name, Field::Price];

pub(super) fn read(
    table: &Table,
    columns: &mut Columns<'_>,
    names: &ColumnNames,
) -> Result<Drafts, CatalogError> {
    let mut find = |field: Field| match names.heading(field) {
        Some(heading) => columns.find(&[heading])?.map(Some).ok_or_else(|| CatalogError::UnknownHeading {
            field: field.as_str(),
            heading: heading.to_owned(),
            found: columns.found(),
        }),
        None => columns.find(&[field.as_str()]),
    };
    let [sku, name, description, price, stock, category, image] = Field::ALL.map(&mut find);
    let (sku, name, price) = (sku?, name?, price?);
    let (description, stock, category, image) = (description?, stock?, category?, image?);
    let missing: Vec<&str> = REQUIRED
        .into_iter()
        .zip([sku, name, price])
        .filter(|(_, column)| column.is_none())
        .map(|(field, _)| field.as_str())
        .collect();
    if !missing.is_empty() {
        return Err(CatalogError::MissingColumns { missing, found: columns.found() });
    }
    let drafts = table.rows.iter().map(|row| {
        let optional = |column: Option<usize>| column.map(|_| row.cell(column).to_owned());
        Draft {
            line: row.line,
            sku: row.cell(sku).to_owned(),
            name: row.cell(name).to_owned(),
            price: row.cell(price).to_owned(),
            stock: optional(stock),
            description: optional(description),
            category: optional(category),
            image: optional(image),
        }
    });
    Ok(Drafts { drafts: drafts.collect(), ..Drafts::default() })
}
