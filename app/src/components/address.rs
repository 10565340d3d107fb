//! Where an order goes: its fields, and how it is written.

use leptos::prelude::*;
use orders::Address;

use crate::components::field::{About, TextField, text_field};
use crate::outcome::Refused;

/// Countries that can be chosen, by their name. The shop of a country that is not here adds it here.
const COUNTRIES: &[(&str, &str)] = &[
    ("AU", "Australia"),
    ("AT", "Austria"),
    ("BE", "Belgium"),
    ("BR", "Brazil"),
    ("BG", "Bulgaria"),
    ("CA", "Canada"),
    ("HR", "Croatia"),
    ("CY", "Cyprus"),
    ("CZ", "Czechia"),
    ("DK", "Denmark"),
    ("EE", "Estonia"),
    ("FI", "Finland"),
    ("FR", "France"),
    ("DE", "Germany"),
    ("GR", "Greece"),
    ("HU", "Hungary"),
    ("IS", "Iceland"),
    ("IN", "India"),
    ("IE", "Ireland"),
    ("IT", "Italy"),
    ("JP", "Japan"),
    ("LV", "Latvia"),
    ("LI", "Liechtenstein"),
    ("LT", "Lithuania"),
    ("LU", "Luxembourg"),
    ("MT", "Malta"),
    ("MX", "Mexico"),
    ("NL", "Netherlands"),
    ("NZ", "New Zealand"),
    ("NO", "Norway"),
    ("PL", "Poland"),
    ("PT", "Portugal"),
    ("RO", "Romania"),
    ("SK", "Slovakia"),
    ("SI", "Slovenia"),
    ("ES", "Spain"),
    ("SE", "Sweden"),
    ("CH", "Switzerland"),
    ("UA", "Ukraine"),
    ("GB", "United Kingdom"),
    ("US", "United States"),
];

/// What the fields of an address are called, by their ids.
pub const ADDRESS_LABELS: &[(&str, &str)] = &[
    ("recipient", "Name on the parcel"),
    ("street", "Street and number"),
    ("postcode", "Postcode"),
    ("city", "City"),
    ("country", "Country"),
];

/// An address as it was typed or is known.
#[derive(Clone, Default)]
pub struct TypedAddress {
    /// Who receives it.
    pub recipient: Option<String>,
    /// Street and house number.
    pub street: Option<String>,
    /// Postcode.
    pub postcode: Option<String>,
    /// City.
    pub city: Option<String>,
    /// Two letters.
    pub country: Option<String>,
}

/// The fields of an address: the form's argument that they are part of, what comes before their ids, what was typed or
/// is known, and why the form was refused.
pub fn address_fields(
    part_of: &'static str,
    prefix: &'static str,
    typed: TypedAddress,
    refused: Option<&Refused>,
) -> AnyView {
    let field = |field, label, autocomplete, value| {
        text_field(TextField {
            about: About::field(prefix, field, refused, false),
            name: format!("{part_of}[{field}]"),
            label,
            kind: "text",
            autocomplete,
            hint: None,
            value,
        })
    };
    let country = country_field(part_of, typed.country, About::field(prefix, "country", refused, false));
    view! {
        <div class="fields">
            {field("recipient", "Name on the parcel", "shipping name", typed.recipient)}
            {field("street", "Street and number", "shipping address-line1", typed.street)}
            <div class="fields postcode">
                {field("postcode", "Postcode", "shipping postal-code", typed.postcode)}
                {field("city", "City", "shipping address-level2", typed.city)}
            </div>
            {country}
        </div>
    }
    .into_any()
}

fn country_field(part_of: &'static str, chosen: Option<String>, about: About) -> AnyView {
    let chosen = chosen.filter(|chosen| !chosen.is_empty()).unwrap_or_else(|| "IT".to_owned());
    let option = |code: &str, country: &str| {
        let (code, country) = (code.to_owned(), country.to_owned());
        let selected = code == chosen;
        view! { <option value=code selected=selected>{country}</option> }.into_any()
    };
    // An order by the API may go to a country that is not in the list; correcting its address must not move it.
    let other = !COUNTRIES.iter().any(|(code, _)| *code == chosen);
    let other = other.then(|| option(&chosen, &chosen));
    let options = COUNTRIES.iter().map(|(code, country)| option(code, country));
    let options: Vec<_> = other.into_iter().chain(options).collect();
    view! {
        <div class="field">
            <label for=about.id.clone()>"Country"</label>
            <select
                class="input"
                id=about.id.clone()
                name=format!("{part_of}[country]")
                autocomplete="shipping country"
                aria-describedby=about.described_by()
                aria-invalid=about.invalid()
            >
                {options}
            </select>
            {about.words()}
        </div>
    }
    .into_any()
}

/// An address as it is written on a parcel.
pub fn address_lines(address: &Address) -> AnyView {
    let country = COUNTRIES.iter().find(|(code, _)| *code == address.country);
    let country = country.map_or(address.country.as_str(), |(_, country)| country);
    let place = format!("{} {}, {country}", address.postcode, address.city);
    view! { {address.name.clone()} <br /> {address.street.clone()} <br /> {place} }.into_any()
}
