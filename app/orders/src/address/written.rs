//! An address as it is written on a parcel.

use super::Country;
use super::country::letters;
use crate::Address;

impl Address {
    /// Returns its lines in the order of its country, ending with the country's name.
    ///
    /// Nothing that was given is left out: a value without a place in the country's format is written beside the
    /// street.
    pub fn written(&self) -> Vec<String> {
        let Some(country) = Country::of(&self.country) else {
            // Orders from before the country table may have a code that is no country.
            return self.in_format("%N|%O|%A|%Z %C|%S", &self.country);
        };
        self.in_format(country.written(self.is_latin()), country.name)
    }

    fn in_format(&self, format: &str, country: &str) -> Vec<String> {
        let mut lines = Vec::new();
        for line in format.split('|') {
            let has_street = letters(line).any(|letter| letter == 'A');
            let own = if has_street { self.beside_the_street(format, country) } else { None };
            let (before, after) = if goes_from_large_to_small(format) { (own, None) } else { (None, own) };
            lines.extend(before);
            lines.extend(self.line(line));
            lines.extend(after);
        }
        lines.push(country.to_owned());
        lines
    }

    /// Returns one line of a format. A separator is written only between two values. The second line of the street
    /// follows the street, or stands below it where the street has its line to itself.
    fn line(&self, line: &str) -> Vec<String> {
        let mut parts = line.split('%');
        // A prefix such as the one of FI-00550; a line without placeholders is written as it is.
        let mut separator = parts.next().unwrap_or_default();
        let mut written = if line.contains('%') { String::new() } else { separator.to_owned() };
        let (mut below, mut is_first) = (None, true);
        for part in parts {
            let mut rest = part.chars();
            let field = rest.next().unwrap_or_default();
            let value = self.value(field);
            let is_typed_already = is_first && begins_with(value, separator);
            if !value.is_empty() {
                if (is_first || !written.is_empty()) && !is_typed_already {
                    written.push_str(separator);
                }
                written.push_str(value);
            }
            match &self.line2 {
                Some(second) if field == 'A' && line == "%A" => below = Some(second.clone()),
                Some(second) if field == 'A' => written.extend([", ", second]),
                _ => {}
            }
            (separator, is_first) = (rest.as_str(), false);
        }
        (!written.is_empty()).then_some(written).into_iter().chain(below).collect()
    }

    fn value(&self, field: char) -> &str {
        let value = match field {
            'N' => Some(&self.name),
            'O' => self.company.as_ref(),
            'A' => Some(&self.street),
            'C' => self.city.as_ref(),
            'S' => self.region.as_ref(),
            'Z' => self.postcode.as_ref(),
            // Parts of a city and sorting codes, which an address keeps in its other fields.
            _ => None,
        };
        value.map(String::as_str).unwrap_or_default()
    }

    /// Returns the values that have no place in the format.
    fn beside_the_street(&self, format: &str, country: &str) -> Option<String> {
        let is_said = |value: &str| {
            let literally = format.split(['%', '|', ' ']).any(|word| word.eq_ignore_ascii_case(value));
            value.is_empty() || literally || value.eq_ignore_ascii_case(country)
        };
        let without_place =
            ['Z', 'C', 'S'].into_iter().filter(|field| letters(format).all(|had| had != *field));
        let values = without_place.map(|field| self.value(field)).filter(|value| !is_said(value));
        let values: Vec<_> = values.collect();
        (!values.is_empty()).then(|| values.join(" "))
    }

    /// Punctuation and accents belong to every script.
    fn is_latin(&self) -> bool {
        let place = [Some(&self.street), self.city.as_ref(), self.region.as_ref()];
        let is_latin =
            |letter: char| matches!(letter, ..'\u{370}' | '\u{1e00}'..'\u{1f00}' | '\u{2000}'..'\u{2c00}');
        place.into_iter().flatten().flat_map(|text| text.chars()).all(is_latin)
    }
}

/// Whether the format goes from the country to the recipient.
fn goes_from_large_to_small(format: &str) -> bool {
    letters(format).find(|letter| ['N', 'A'].contains(letter)) == Some('A')
}

/// Whether the value already has the prefix.
fn begins_with(value: &str, prefix: &str) -> bool {
    !prefix.is_empty() && value.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix))
}
