//! Products as a file has them, and their validation.

use std::borrow::Cow;
use std::collections::HashMap;

use orders::plain_text::visible;
use orders::{Currency, Money, looks_like_card_number};

use super::error::LineError;
use super::note::{Note, Notes};
use super::number::{DecimalMark, Digits, Marks, Number, marks_among};
use super::price::WrittenPrice;

const MAX_SKU: usize = 64;
const MAX_NAME: usize = 300;
const MAX_CATEGORY: usize = 100;
const MAX_DESCRIPTION: usize = 2_000;

/// The picture of a product without one.
pub(super) const PLACEHOLDER: &str = "/placeholder.svg";
/// A product as a file has it. `None` means that the file has no column or no value for the field.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Draft {
    pub(super) line: u64,
    pub(super) sku: String,
    pub(super) name: String,
    pub(super) price: String,
    pub(super) stock: Option<String>,
    pub(super) description: Option<String>,
    pub(super) category: Option<String>,
    pub(super) image: Option<String>,
}

/// The products that a format reads from the rows of a file.
#[derive(Debug, Default)]
pub(super) struct Drafts {
    pub(super) drafts: Vec<Draft>,
    pub(super) errors: Vec<LineError>,
    pub(super) notes: Notes,
}

/// A validated product of a file. `None` keeps the value of a known product, and is the default of a new one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileProduct {
    /// The line at which it begins.
    pub line: u64,
    /// Its SKU.
    pub sku: String,
    /// Its name.
    pub name: String,
    /// The price of one.
    pub price: Money,
    /// Its stock.
    pub stock: Option<u32>,
    /// Its description, possibly empty.
    pub description: Option<String>,
    /// Its category.
    pub category: Option<String>,
    /// The path of its picture.
    pub image: Option<String>,
}

impl Drafts {
    /// Validates every field of every product and appends errors. The products are valid only when there are none.
    pub(super) fn validate(&mut self, currency: Currency, decimal: Option<DecimalMark>) -> Vec<FileProduct> {
        let drafts = std::mem::take(&mut self.drafts);
        let prices: Vec<Result<WrittenPrice<'_>, String>> =
            drafts.iter().map(|draft| WrittenPrice::read(&draft.price, currency)).collect();
        let numbers = prices.iter().flatten().map(|price| &price.number);
        let marks = decimal.map_or_else(|| marks_among(numbers, currency.decimals()), Marks::Decimal);
        let mut known: HashMap<&str, u64> = HashMap::new();
        let mut products = Vec::with_capacity(drafts.len());
        for (draft, price) in drafts.iter().zip(prices) {
            let mut fields = Fields { line: draft.line, errors: &mut self.errors, notes: &mut self.notes };
            fields.sku(&draft.sku);
            if let Some(line) = known.get(draft.sku.as_str()) {
                fields.wrong(format!("sku {:?} is on line {line} already", draft.sku));
            } else {
                known.insert(&draft.sku, draft.line);
            }
            let name = fields.one_line("name", &draft.name, MAX_NAME);
            if name.is_empty() {
                fields.wrong("name is blank");
            }
            let price = price.and_then(|price| price.amount(marks, currency));
            let price = price.map_err(|reason| fields.wrong(reason)).ok();
            let stock = fields.stock(draft.stock.as_deref(), marks);
            let description = draft.description.as_deref().map(|text| fields.description(text));
            let category = fields.category(draft.category.as_deref());
            let image = draft.image.as_deref().and_then(|image| fields.image(image));
            if let Some(price) = price {
                let (line, sku) = (draft.line, draft.sku.clone());
                products.push(FileProduct { line, sku, name, price, stock, description, category, image });
            }
        }
        self.errors.sort_by_key(|error| error.line);
        products
    }
}

/// The fields of one product, and where to report their errors.
struct Fields<'e> {
    line: u64,
    errors: &'e mut Vec<LineError>,
    notes: &'e mut Notes,
}

impl Fields<'_> {
    fn wrong(&mut self, reason: impl Into<String>) {
        self.errors.push(LineError::new(self.line, reason));
    }

    fn sku(&mut self, sku: &str) {
        if sku.is_empty() {
            self.wrong("sku is blank");
        } else if sku.chars().count() > MAX_SKU {
            self.wrong(format!("sku {sku:?} is longer than {MAX_SKU} characters"));
        } else if sku.contains(|c: char| c.is_whitespace() || c.is_control()) {
            self.wrong(format!("sku {sku:?} has a blank in it: put a dash there"));
        } else if is_shortened_number(sku) {
            self.wrong(format!(
                "sku {sku:?} is a long number that a spreadsheet shortened: give the column the format Text there and save \
                 the file again"
            ));
        } else if looks_like_card_number(sku) {
            self.wrong(format!(
                "sku {sku:?} looks like a card number, and an order with one in it is refused: put a letter among its digits"
            ));
        }
    }

    /// Returns a text as one line.
    fn one_line(&mut self, field: &str, text: &str, longest: usize) -> String {
        let text = self.visible(field, text).split_whitespace().collect::<Vec<_>>().join(" ");
        if text.chars().count() > longest {
            self.wrong(format!("{field} is longer than {longest} characters"));
        }
        self.printable(field, &text);
        text
    }

    /// Returns the text without invisible characters, as in an order.
    fn visible<'t>(&mut self, field: &str, text: &'t str) -> Cow<'t, str> {
        visible(text).unwrap_or_else(|_| {
            self.wrong(format!(
                "{field} has an invisible character in it that changes the direction of the text"
            ));
            Cow::Borrowed(text)
        })
    }

    fn printable(&mut self, field: &str, text: &str) {
        if let Some(control) = text.chars().find(|c| c.is_control() && !matches!(c, '\n' | '\t')) {
            self.wrong(format!("{field} has a control character in it, U+{:04X}", u32::from(control)));
        }
    }

    fn description(&mut self, text: &str) -> String {
        let text = self.visible("description", text);
        let text = text.trim();
        self.printable("description", text);
        match text.char_indices().nth(MAX_DESCRIPTION) {
            None => text.to_owned(),
            Some((end, _)) => {
                self.notes.add(Note::DescriptionCut);
                let whole_words = text[..end].rfind(char::is_whitespace).unwrap_or(end);
                format!("{}…", text[..whole_words].trim_end())
            }
        }
    }

    fn category(&mut self, text: Option<&str>) -> Option<String> {
        let category = self.one_line("category", text.unwrap_or_default(), MAX_CATEGORY);
        if category.is_empty() {
            self.notes.add(Note::NoCategory);
            return None;
        }
        Some(category)
    }

    fn stock(&mut self, text: Option<&str>, marks: Marks) -> Option<u32> {
        let Some(text) = text.filter(|text| !text.is_empty()) else {
            self.notes.add(Note::StockNotCounted);
            return None;
        };
        let number = Number::read(text);
        if number.as_ref().is_some_and(|number| number.is_negative) {
            self.notes.add(Note::StockBelowZero);
            return Some(0);
        }
        // When the file does not decide between two readings, a stock is the whole number.
        let stock = number.as_ref().and_then(|number| match (number.both(), marks) {
            (Some([large, small]), Marks::Unknown) => small.contains('.').then(|| large.parse().ok())?,
            _ => whole(&number.digits(marks)?),
        });
        if stock.is_none() {
            let what = match number.and_then(|number| number.both()) {
                Some([large, small]) if marks == Marks::Unknown => {
                    format!("can mean {large} or {small}: write it without marks")
                }
                _ => format!("is not a whole number from 0 to {}", u32::MAX),
            };
            self.wrong(format!("stock {text:?} {what}"));
        }
        stock
    }

    fn image(&mut self, text: &str) -> Option<String> {
        if text.is_empty() {
            return Some(PLACEHOLDER.to_owned());
        }
        let lower = text.to_ascii_lowercase();
        if ["http://", "https://", "//"].iter().any(|start| lower.starts_with(start)) {
            self.notes.add(Note::PictureElsewhere);
            return None;
        }
        if !text.starts_with('/') || text.contains(|c: char| c.is_control() || c == '\\') {
            self.wrong(format!(
                "image {text:?} is not the path of a picture of this shop, which begins with / as in {PLACEHOLDER}"
            ));
            return None;
        }
        Some(text.to_owned())
    }
}

/// Returns the number when it is whole and fits.
fn whole(digits: &Digits) -> Option<u32> {
    digits.fraction.bytes().all(|digit| digit == b'0').then(|| digits.whole.parse().ok())?
}

/// Whether it is what Excel makes of `4006381333931` in a column of numbers: `4,00638E+12`.
fn is_shortened_number(sku: &str) -> bool {
    let Some((number, exponent)) = sku.split_once(['E', 'e']) else { return false };
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    number.split_once([',', '.']).is_some_and(|(whole, rest)| digits(whole) && digits(rest))
        && exponent.strip_prefix('+').is_some_and(digits)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mug() -> Draft {
        Draft { line: 2, sku: "mug".into(), name: "Mug".into(), price: "12.50".into(), ..Draft::default() }
    }

    fn validate(drafts: Vec<Draft>) -> (Vec<FileProduct>, Vec<String>, Notes) {
        let mut drafts = Drafts { drafts, ..Drafts::default() };
        let products = drafts.validate(Currency::EUR, None);
        (products, drafts.errors.iter().map(ToString::to_string).collect(), drafts.notes)
    }

    fn refused(change: impl FnOnce(&mut Draft)) -> String {
        let mut draft = mug();
        change(&mut draft);
        validate(vec![draft]).1.join("; ")
    }

    #[test]
    fn every_field_that_is_wrong_is_named_at_once() {
        let wrong =
            Draft { line: 7, stock: Some("some".into()), image: Some("mug.svg".into()), ..Draft::default() };
        let (_, errors, _) = validate(vec![wrong]);
        for field in
            ["sku is blank", "name is blank", "price is blank", "stock \"some\"", "image \"mug.svg\""]
        {
            assert!(
                errors.iter().any(|error| error.starts_with(&format!("line 7: {field}"))),
                "{field}: {errors:?}"
            );
        }
        assert_eq!(errors.len(), 5, "{errors:?}");
    }

    #[test]
    fn a_sku_that_could_not_be_ordered_is_refused() {
        for (sku, says) in [
            ("a b", "put a dash there"),
            ("5901234123457", "put a letter among its digits"),
            ("4242-4242-4242-4242", "put a letter among its digits"),
            ("4,00638E+12", "a spreadsheet shortened"),
            (&"x".repeat(65), "longer than 64 characters"),
        ] {
            let reason = refused(|draft| draft.sku = sku.to_owned());
            assert!(reason.contains(says), "{sku}: {reason}");
        }
        for sku in ["5901234123458", "größe-m", "1.5E3", &"ü".repeat(64)] {
            assert_eq!(refused(|draft| draft.sku = sku.to_owned()), "");
        }
    }

    #[test]
    fn a_repeated_sku_is_reported_with_both_lines() {
        let (_, errors, _) = validate(vec![mug(), Draft { line: 9, ..mug() }]);
        assert_eq!(errors, ["line 9: sku \"mug\" is on line 2 already"]);
    }

    #[test]
    fn a_stock_is_a_whole_number_and_a_negative_one_is_sold_out() {
        let stock = |text: &str| {
            let (products, errors, notes) = validate(vec![Draft { stock: Some(text.to_owned()), ..mug() }]);
            (products[0].stock, errors.len(), notes.count(Note::StockNotCounted))
        };
        assert_eq!(stock("48"), (Some(48), 0, 0));
        assert_eq!(stock("48.000000"), (Some(48), 0, 0));
        assert_eq!(stock("1,200"), (Some(1200), 0, 0));
        assert_eq!(
            stock("1.200"),
            (None, 1, 0),
            "the price of the file has a decimal point, so this is one and a fifth"
        );
        assert_eq!(stock("-3"), (Some(0), 0, 0));
        assert_eq!(stock(""), (None, 0, 1));
        assert_eq!(stock("2.5"), (None, 1, 0));
        assert_eq!(stock("99999999999"), (None, 1, 0));
    }

    #[test]
    fn texts_lose_breaks_and_blanks_but_keep_no_control_characters() {
        let draft = Draft { name: "Blue \n mug".into(), description: Some(" One.\nTwo. ".into()), ..mug() };
        let (products, _, _) = validate(vec![draft]);
        assert_eq!(products[0].name, "Blue mug");
        assert_eq!(products[0].description.as_deref(), Some("One.\nTwo."));
        assert!(refused(|draft| draft.name = "Mug\u{7}".to_owned()).contains("U+0007"));
    }

    #[test]
    fn a_description_that_is_too_long_is_cut_between_words() {
        let draft = Draft { description: Some("many words ".repeat(300)), ..mug() };
        let (products, errors, notes) = validate(vec![draft]);
        let description = products[0].description.clone().unwrap();
        assert!(description.ends_with("words…") || description.ends_with("many…"), "{description}");
        assert!(description.chars().count() <= MAX_DESCRIPTION + 1);
        assert_eq!((errors.len(), notes.count(Note::DescriptionCut)), (0, 1));
    }

    #[test]
    fn a_picture_of_another_site_is_reported_and_not_used() {
        for address in ["https://cdn.example/mug.jpg", "HTTP://cdn.example/mug.jpg", "//cdn.example/mug.jpg"]
        {
            let (products, errors, notes) = validate(vec![Draft { image: Some(address.into()), ..mug() }]);
            assert_eq!((products[0].image.clone(), errors.len()), (None, 0));
            assert_eq!(notes.count(Note::PictureElsewhere), 1);
        }
        let (products, _, _) = validate(vec![Draft { image: Some(String::new()), ..mug() }]);
        assert_eq!(products[0].image.as_deref(), Some(PLACEHOLDER));
        assert!(
            refused(|draft| draft.image = Some("javascript:alert(1)".to_owned())).contains("begins with /")
        );
    }
}
