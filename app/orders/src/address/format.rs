//! Which address fields a country has, and what it calls them.

use std::collections::HashMap;
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

use super::Country;
use super::country::{letters, lines};

/// An address field that not every country has, or that countries name differently.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Field {
    /// Street and house number.
    Street,
    /// Flat, floor or building; the part of the city in countries whose addresses name one.
    Line2,
    /// The city or its equivalent.
    City,
    /// State, province, emirate.
    Region,
    /// The postcode.
    Postcode,
}

/// One field of a country's address form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AskedField {
    /// Which field.
    pub field: Field,
    /// Whether it starts a new line of the form.
    pub begins_line: bool,
    /// What the country calls it.
    pub label: String,
    /// Whether an address needs it.
    pub required: bool,
    /// An example value, for display only. Values are not checked against it.
    pub example: Option<String>,
    /// The values to choose from, as [`AskedField::choices`] reads them; empty for a text field.
    regions: String,
}

/// The address form of one country.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AddressFormat {
    /// The country's code.
    pub country: String,
    /// The fields, in the order in which an address is written in Latin letters.
    pub fields: Vec<AskedField>,
}

/// One row of the table.
#[derive(Clone, Copy)]
pub(super) struct Rules {
    required: &'static str,
    postcode: &'static str,
    example: &'static str,
    region: &'static str,
    city: &'static str,
    line2: &'static str,
    regions: &'static str,
}

/// The rows by country code. Every order looks one up.
static TABLE: LazyLock<HashMap<&str, &str>> =
    LazyLock::new(|| lines(include_str!("formats.tsv")).filter_map(|line| line.split_once('\t')).collect());

/// The rules of a country that is not in the table.
const USUAL: Rules =
    Rules { required: "AC", postcode: "", example: "", region: "", city: "City", line2: "", regions: "" };

impl Rules {
    /// Returns the rules of a country, by its code in capital letters.
    pub(super) fn of(code: &str) -> Option<Self> {
        let mut columns = TABLE.get(code)?.split('\t');
        let mut next = || columns.next().unwrap_or_default();
        Some(Self {
            required: next(),
            postcode: next(),
            example: next(),
            region: next(),
            city: next(),
            line2: next(),
            regions: next(),
        })
    }

    /// Whether an address of the country needs this field.
    pub(super) fn requires(self, field: Field) -> bool {
        self.required.contains(field.letter())
    }

    /// Returns the country's name for the field; none when the country does not have it.
    pub(super) fn label(self, field: Field) -> Option<&'static str> {
        let label = match field {
            Field::Street => "Street and number",
            Field::Line2 if self.line2.is_empty() => "Flat, floor or building",
            Field::Line2 => self.line2,
            Field::City => self.city,
            Field::Region => self.region,
            Field::Postcode => self.postcode,
        };
        (!label.is_empty()).then_some(label)
    }

    /// Whether addresses of the country name a part of the city.
    fn has_line2_of_its_own(self) -> bool {
        !self.line2.is_empty()
    }

    fn asked(self, field: Field) -> Option<AskedField> {
        let regions = if field == Field::Region { self.regions } else { "" }.to_owned();
        let example = (field == Field::Postcode && !self.example.is_empty()).then(|| self.example.to_owned());
        let (label, required) = (self.label(field)?.to_owned(), self.requires(field));
        Some(AskedField { field, begins_line: false, label, required, example, regions })
    }
}

impl AskedField {
    /// Returns the values to choose from: each as it is written in an address, and its name. Empty for a text field.
    pub fn choices(&self) -> impl Iterator<Item = (&str, &str)> {
        let regions = self.regions.split('|').filter(|region| !region.is_empty());
        regions.map(|region| region.split_once('=').unwrap_or((region, region)))
    }

    /// Whether it is a choice rather than a text field.
    pub fn is_chosen(&self) -> bool {
        !self.regions.is_empty()
    }
}

impl Field {
    /// Returns the field of a placeholder. The part of the city has a field only where it follows the street.
    const fn of(letter: char) -> Option<Self> {
        match letter {
            'A' => Some(Self::Street),
            'C' => Some(Self::City),
            'S' => Some(Self::Region),
            'Z' => Some(Self::Postcode),
            _ => None,
        }
    }

    /// Returns its placeholder.
    const fn letter(self) -> char {
        match self {
            Self::Street => 'A',
            Self::Line2 => 'D',
            Self::City => 'C',
            Self::Region => 'S',
            Self::Postcode => 'Z',
        }
    }
}

impl AddressFormat {
    /// Returns the form of a country. A country that is not in the table asks for what most countries ask, and for a
    /// postcode.
    pub fn of(code: &str) -> Self {
        let format = Country::of(code).map_or("%A|%Z %C", |country| country.written(true));
        let rules = Rules::of(code).unwrap_or(Rules { postcode: "Postcode", ..USUAL });
        let mut fields: Vec<AskedField> = Vec::new();
        for line in format.split('|') {
            let asked = letters(line).filter_map(|letter| rules.asked(Field::of(letter)?));
            // Every form has the street on a line of its own, followed by its second line.
            let (street, others): (Vec<_>, Vec<_>) = asked.partition(|asked| asked.field == Field::Street);
            let line2 =
                rules.asked(Field::Line2).filter(|_| !street.is_empty() && rules.has_line2_of_its_own());
            for mut line in [street, line2.into_iter().collect(), others] {
                if let Some(first) = line.first_mut() {
                    first.begins_line = true;
                }
                fields.append(&mut line);
            }
        }
        Self { country: code.to_owned(), fields }
    }

    /// Returns the field, if the form has it.
    pub fn field(&self, field: Field) -> Option<&AskedField> {
        self.fields.iter().find(|asked| asked.field == field)
    }
}
