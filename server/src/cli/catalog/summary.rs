//! The summary of an import, before or after it is written.

use crate::catalog::{CatalogFile, Change, Field, Format, Plan};

/// How many products of a kind are listed; the rest is counted.
const MAX_LISTED: usize = 50;

/// Returns the lines to print.
pub(super) fn lines(name: &str, file: &CatalogFile, plan: &Plan, is_dry_run: bool) -> Vec<String> {
    let format = match file.format {
        Format::Plain => "a table of products",
        Format::Shopify => "a product export of Shopify",
        Format::WooCommerce => "a product export of WooCommerce",
    };
    let delimiter = match file.delimiter {
        ',' => "commas",
        ';' => "semicolons",
        '\t' => "tabs",
        '|' => "bars",
        _ => "a sign of its own",
    };
    let mut lines =
        vec![format!("{name} is {format}, in {}, with {delimiter} between its cells.", file.encoding)];
    let counts =
        format!("{} new, {} changed, {} unchanged", plan.new.len(), plan.changed.len(), plan.unchanged);
    lines.push(if is_dry_run {
        format!("An import would give: {counts}. Nothing was written.")
    } else {
        format!("Imported: {counts}.")
    });
    let new = plan.new.iter().map(|product| {
        format!("  new      {}  {}, {}, stock {}", product.sku, product.name, product.price, product.stock)
    });
    lines.extend(capped(new));
    lines.extend(capped(plan.changed.iter().map(|change| format!("  changed  {}", changed(change)))));
    if plan.absent > 0 {
        let (s, are, stay) = if plan.absent == 1 { ("", "is", "stays") } else { ("s", "are", "stay") };
        lines.push(format!(
            "{} product{s} of the shop {are} not in the file and {stay} unchanged.",
            plan.absent
        ));
    }
    lines.extend(file.notes.sentences());
    if !file.ignored.is_empty() {
        let columns: Vec<String> = file.ignored.iter().map(|heading| format!("{heading:?}")).collect();
        lines.push(format!("Columns that were not read: {}.", columns.join(", ")));
    }
    lines
}

/// Returns the changed fields of a product. A long description is shown once.
fn changed(change: &Change) -> String {
    let differences = change.differences().into_iter().map(|difference| match difference.field {
        Field::Description => "description".to_owned(),
        field => format!("{} {} → {}", field.as_str(), difference.from, difference.to),
    });
    format!("{}  {}", change.after.sku, differences.collect::<Vec<_>>().join(", "))
}

fn capped(lines: impl ExactSizeIterator<Item = String>) -> impl Iterator<Item = String> {
    let more = lines.len().saturating_sub(MAX_LISTED);
    let rest = (more > 0).then(|| format!("  and {more} more"));
    lines.take(MAX_LISTED).chain(rest)
}

#[cfg(test)]
mod tests {
    use orders::Currency;

    use super::*;
    use crate::catalog::{Options, read};

    #[test]
    fn the_summary_names_what_is_new_and_what_changes_from_what_to_what() {
        let read = |text: &str| read(text.as_bytes(), Currency::EUR, &Options::default()).unwrap();
        let before = read(
            "sku,name,price,stock,category\nmug,Mug,12.50,48,Kitchen\ncup,Cup,4,1,Kitchen\npot,Pot,9,1,Home\n",
        );
        let shop = Plan::of(&before.products, &[], Currency::EUR, 0).unwrap().new;
        let file = read(
            "sku;name;price;stock;category;colour\nmug;Blue mug;13,00;48;Kitchen;blue\npot;Pot;9;1;Home;\njar;Jar;5,50;2;Home;\n",
        );
        let plan = Plan::of(&file.products, &shop, Currency::EUR, 0).unwrap();
        assert_eq!(
            lines("shop.csv", &file, &plan, false),
            [
                "shop.csv is a table of products, in UTF-8, with semicolons between its cells.",
                "Imported: 1 new, 1 changed, 1 unchanged.",
                "  new      jar  Jar, €5.50, stock 2",
                "  changed  mug  name Mug → Blue mug, price €12.50 → €13.00",
                "1 product of the shop is not in the file and stays unchanged.",
                "Columns that were not read: \"colour\".",
            ]
        );
        let dry = lines("shop.csv", &file, &plan, true);
        assert_eq!(dry[1], "An import would give: 1 new, 1 changed, 1 unchanged. Nothing was written.");
    }

    #[test]
    fn long_lists_are_counted_after_the_first() {
        let lines: Vec<String> = capped((0..60).map(|n| n.to_string())).collect();
        assert_eq!((lines.len(), lines[50].as_str()), (51, "  and 10 more"));
        assert_eq!(capped((0..50).map(|n| n.to_string())).count(), 50);
    }
}
