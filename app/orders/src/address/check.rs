//! Validates an address by the rules of its country.

use super::Country;
use super::format::{Field, Rules};
use crate::Address;
use crate::request::AddressRequest;
use crate::validation::{FILL_IN, Pointer, Validator};

const LONGEST: usize = 200;
const LONGEST_POSTCODE: usize = 20;

impl Validator {
    /// Validates the address at a pointer. A field that the country does not ask for is accepted and kept.
    pub(crate) fn address(&mut self, at: &str, address: &AddressRequest) -> Address {
        let name = self.text(Pointer::Of(at, "name"), &address.name, LONGEST);
        let company = self.optional(Pointer::Of(at, "company"), address.company.as_deref(), LONGEST);
        let street = self.text(Pointer::Of(at, "street"), &address.street, LONGEST);
        let line2 = self.optional(Pointer::Of(at, "line2"), address.line2.as_deref(), LONGEST);
        let [city_at, region_at, postcode_at] =
            ["city", "region", "postcode"].map(|field| Pointer::Of(at, field));
        let city = self.optional(city_at, address.city.as_deref(), LONGEST);
        let region = self.optional(region_at, address.region.as_deref(), LONGEST);
        let postcode = self.optional(postcode_at, address.postcode.as_deref(), LONGEST_POSTCODE);
        let country = self.country(Pointer::Of(at, "country"), &address.country);
        if let Some(rules) = Rules::of(&country) {
            if rules.requires(Field::City) && city.is_none() {
                self.wrong(city_at, FILL_IN);
            }
            // Where addresses have no city of their own, the region is derived from what was given as city.
            let city_says_it = !rules.requires(Field::City) && city.is_some();
            if rules.requires(Field::Region) && region.is_none() && !city_says_it {
                self.wrong(region_at, FILL_IN);
            }
            if rules.requires(Field::Postcode) && postcode.is_none() {
                self.wrong(postcode_at, FILL_IN);
            }
        }
        Address { name, street, city, postcode, country, company, line2, region }
    }

    /// Returns one line of text; none when it is blank.
    fn optional(&mut self, pointer: Pointer<'_>, text: Option<&str>, longest: usize) -> Option<String> {
        let text = text.filter(|text| !text.trim().is_empty())?;
        Some(self.text(pointer, text, longest))
    }

    fn country(&mut self, pointer: Pointer<'_>, text: &str) -> String {
        self.no_card_number(pointer, text);
        let code = text.trim().to_ascii_uppercase();
        if Country::of(&code).is_none() {
            self.wrong(pointer, "Use the two letters of a country, such as IT.");
        }
        code
    }
}
