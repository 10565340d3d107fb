//! Where an order goes: its fields, and how it is written.

use leptos::prelude::*;
use orders::Address;

use crate::components::field::{About, TextField};
use crate::server_fns::outcome::Refused;

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

impl From<Address> for TypedAddress {
    fn from(address: Address) -> Self {
        Self {
            recipient: Some(address.name),
            street: Some(address.street),
            postcode: Some(address.postcode),
            city: Some(address.city),
            country: Some(address.country),
        }
    }
}

/// The fields of an address.
#[component]
pub fn AddressFields(
    /// The form's argument that they are part of.
    part_of: &'static str,
    /// What comes before their ids.
    #[prop(optional)]
    prefix: &'static str,
    /// What was typed or is known.
    typed: TypedAddress,
    /// Why the form was refused.
    refused: Signal<Option<Refused>>,
) -> impl IntoView {
    let name = |field: &str| format!("{part_of}[{field}]");
    view! {
        <div class="fields">
            <TextField field="recipient" prefix name=name("recipient") label="Name on the parcel" autocomplete="shipping name"
                value=typed.recipient refused />
            <TextField field="street" prefix name=name("street") label="Street and number"
                autocomplete="shipping address-line1" value=typed.street refused />
            <div class="fields postcode">
                <TextField field="postcode" prefix name=name("postcode") label="Postcode"
                    autocomplete="shipping postal-code" value=typed.postcode refused />
                <TextField field="city" prefix name=name("city") label="City" autocomplete="shipping address-level2"
                    value=typed.city refused />
            </div>
            <CountryField prefix name=name("country") chosen=typed.country refused />
        </div>
    }
    .into_any()
}

#[component]
fn CountryField(
    prefix: &'static str,
    name: String,
    chosen: Option<String>,
    refused: Signal<Option<Refused>>,
) -> impl IntoView {
    let about = About::field(prefix, "country", refused, false);
    let chosen = chosen.filter(|chosen| !chosen.is_empty()).unwrap_or_else(|| "IT".to_owned());
    // An order by the API may go to a country that is not in the list; correcting its address must not move it.
    let other = (!COUNTRIES.iter().any(|(code, _)| *code == chosen)).then(|| chosen.clone());
    let other = other.map(|code| view! { <option value=code.clone() selected>{code.clone()}</option> });
    let options = COUNTRIES
        .iter()
        .map(|(code, country)| view! { <option value=*code selected=*code == chosen>{*country}</option> })
        .collect_view();
    view! {
        <div class="field">
            <label for=about.id.clone()>"Country"</label>
            <select
                class="input"
                id=about.id.clone()
                name=name
                autocomplete="shipping country"
                aria-describedby=about.described_by()
                aria-invalid=about.invalid()
            >
                {other}
                {options}
            </select>
            {about.words()}
        </div>
    }
    .into_any()
}

/// An address as it is written on a parcel.
#[component]
pub fn AddressLines(address: Address) -> impl IntoView {
    let country = COUNTRIES.iter().find(|(code, _)| *code == address.country);
    let country = country.map_or(address.country.clone(), |(_, country)| (*country).to_owned());
    let place = format!("{} {}, {country}", address.postcode, address.city);
    view! { {address.name} <br /> {address.street} <br /> {place} }
}
