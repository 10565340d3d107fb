//! The columns of a file.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::str::FromStr;

use super::error::CatalogError;

/// A field of a product.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Field {
    Sku,
    Name,
    Description,
    Price,
    Stock,
    Category,
    Image,
}

impl Field {
    /// All fields, in the order of Docket's own file.
    pub const ALL: [Self; 7] =
        [Self::Sku, Self::Name, Self::Description, Self::Price, Self::Stock, Self::Category, Self::Image];

    /// Its heading in Docket's own file.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Sku => "sku",
            Self::Name => "name",
            Self::Description => "description",
            Self::Price => "price",
            Self::Stock => "stock",
            Self::Category => "category",
            Self::Image => "image",
        }
    }

    fn of(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|field| field.as_str() == name)
    }
}

/// The headings of a file with its own column names: `sku=Artikelnummer,price=VK-Preis`. Fields without an entry keep
/// Docket's heading.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ColumnNames(BTreeMap<Field, String>);

impl ColumnNames {
    /// Returns the heading given for a field.
    pub(super) fn heading(&self, field: Field) -> Option<&str> {
        self.0.get(&field).map(String::as_str)
    }

    /// Whether no heading was given.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn headings(&self) -> impl Iterator<Item = &str> {
        self.0.values().map(String::as_str)
    }
}

impl FromStr for ColumnNames {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let mut pairs: Vec<(Field, String)> = Vec::new();
        for part in text.split(',') {
            let field = part.split_once('=').and_then(|(name, rest)| Some((Field::of(&normal(name))?, rest)));
            match (field, pairs.last_mut()) {
                (Some((field, heading)), _) => pairs.push((field, heading.to_owned())),
                // A heading may contain a comma.
                (None, Some((_, heading))) if !part.contains('=') => *heading = format!("{heading},{part}"),
                (None, _) => {
                    let fields = Field::ALL.map(Field::as_str).join(", ");
                    return Err(format!("{part:?} is not FIELD=HEADING with one of these fields: {fields}"));
                }
            }
        }
        let mut names = BTreeMap::new();
        for (field, heading) in pairs {
            let heading = heading.trim().to_owned();
            if heading.is_empty() {
                return Err(format!("{} has no heading", field.as_str()));
            }
            if names.insert(field, heading).is_some() {
                return Err(format!("{} is named twice", field.as_str()));
            }
        }
        Ok(Self(names))
    }
}

/// The columns of a file by heading, ignoring case and blanks.
#[derive(Debug)]
pub(super) struct Columns<'t> {
    headings: &'t [String],
    places: BTreeMap<String, Vec<usize>>,
    used: Vec<usize>,
}

impl<'t> Columns<'t> {
    pub(super) fn of(headings: &'t [String]) -> Self {
        let mut places: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (place, heading) in headings.iter().enumerate() {
            match places.entry(normal(heading)) {
                Entry::Vacant(entry) => drop(entry.insert(vec![place])),
                Entry::Occupied(mut entry) => entry.get_mut().push(place),
            }
        }
        Self { headings, places, used: Vec::new() }
    }

    /// Whether there is a column with one of these headings.
    pub(super) fn has(&self, headings: &[&str]) -> bool {
        headings.iter().any(|heading| self.places.contains_key(&normal(heading)))
    }

    /// Returns the column of the first of these headings that exists.
    pub(super) fn find(&mut self, headings: &[&str]) -> Result<Option<usize>, CatalogError> {
        let Some(places) = headings.iter().find_map(|heading| self.places.get(&normal(heading))) else {
            return Ok(None);
        };
        if let [first, second, ..] = places[..] {
            let heading = self.headings[first].clone();
            return Err(CatalogError::DoubleColumn { heading, first: first + 1, second: second + 1 });
        }
        self.used.extend(places);
        Ok(places.first().copied())
    }

    /// Returns the headings of the file.
    pub(super) fn found(&self) -> Vec<String> {
        self.headings.iter().filter(|heading| !heading.is_empty()).cloned().collect()
    }

    /// Returns the headings that were not read.
    pub(super) fn ignored(&self) -> Vec<String> {
        let unused = self.headings.iter().enumerate().filter(|(place, _)| !self.used.contains(place));
        unused.map(|(_, heading)| heading).filter(|heading| !heading.is_empty()).cloned().collect()
    }
}

/// Returns a heading without case, surrounding blanks and word separators.
pub(super) fn normal(heading: &str) -> String {
    let words = heading.split(|c: char| c.is_whitespace() || matches!(c, '_' | '\u{feff}'));
    words.filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ").to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headings_are_found_whatever_their_case_and_blanks() {
        let headings = [" SKU ", "Unit_Price", "Stock  on hand", ""].map(str::to_owned);
        let mut columns = Columns::of(&headings);
        assert_eq!(columns.find(&["sku"]), Ok(Some(0)));
        assert_eq!(columns.find(&["price", "unit price"]), Ok(Some(1)));
        assert_eq!(columns.find(&["image"]), Ok(None));
        assert_eq!(columns.ignored(), ["Stock  on hand"]);
    }

    #[test]
    fn a_heading_that_is_there_twice_is_refused_only_where_it_is_asked_for() {
        let headings = ["sku", "price", "tag", "tag", "Price"].map(str::to_owned);
        let mut columns = Columns::of(&headings);
        assert_eq!(columns.find(&["sku"]), Ok(Some(0)));
        let double = CatalogError::DoubleColumn { heading: "price".to_owned(), first: 2, second: 5 };
        assert_eq!(columns.find(&["price"]), Err(double));
    }

    #[test]
    fn headings_of_ones_own_are_named_field_by_field() {
        let names: ColumnNames = "sku=Artikelnummer, Price = VK-Preis, netto,stock=Bestand".parse().unwrap();
        assert_eq!(names.heading(Field::Sku), Some("Artikelnummer"));
        assert_eq!(names.heading(Field::Price), Some("VK-Preis, netto"));
        assert_eq!(names.heading(Field::Name), None);
        for wrong in ["", "sku", "colour=Farbe", "sku=", "sku=a,sku=b", "=a"] {
            assert!(wrong.parse::<ColumnNames>().is_err(), "{wrong}");
        }
    }
}
