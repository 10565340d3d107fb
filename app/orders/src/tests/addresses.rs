//! Addresses of all countries: what each asks, and how it is written.

use crate::address::{AddressFormat, Country, Field, countries};
use crate::request::AddressRequest;
use crate::testing::request;
use crate::{Address, PaymentMethod, Problem};

/// Every code of ISO 3166-1.
const ISO_3166: &str = "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY \
    BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB \
    GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI \
    KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ \
    NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI \
    SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN \
    VU WF WS YE YT ZA ZM ZW";

fn text(text: &str) -> Option<String> {
    Some(text.to_owned())
}

/// An address with exactly the fields that a country requires.
fn required_by(asked: &AddressFormat) -> AddressRequest {
    let given = |field| asked.field(field).filter(|asked| asked.required).and_then(|_| text("Somewhere"));
    AddressRequest {
        name: "Ada".to_owned(),
        street: "1 Main St".to_owned(),
        city: given(Field::City),
        region: given(Field::Region),
        postcode: given(Field::Postcode),
        country: asked.country.clone(),
        ..AddressRequest::default()
    }
}

fn pointers(problem: &Problem) -> Vec<&str> {
    problem.errors.iter().map(|error| error.pointer.as_str()).collect()
}

fn refused(address: &AddressRequest) -> Vec<String> {
    let problem = address.validate().expect_err("something is missing");
    pointers(&problem).into_iter().map(str::to_owned).collect()
}

/// How an address is written in a country, with everything that an address can have.
fn written(country: &str, change: impl FnOnce(&mut Address)) -> Vec<String> {
    let mut address = Address {
        name: "Ada".to_owned(),
        street: "1 Main St".to_owned(),
        city: text("City"),
        region: text("Region"),
        postcode: text("12345"),
        country: country.to_owned(),
        company: text("Engines"),
        line2: text("Floor 2"),
    };
    change(&mut address);
    address.written()
}

fn label(country: &str, field: Field) -> Option<(String, bool)> {
    AddressFormat::of(country).field(field).map(|asked| (asked.label.clone(), asked.required))
}

#[test]
fn every_country_of_iso_3166_is_in_the_table_and_has_a_name() {
    let codes: Vec<_> = countries().map(|country| country.code).collect();
    for code in ISO_3166.split_whitespace() {
        assert!(codes.contains(&code), "{code}");
    }
    let others = codes.iter().filter(|code| !ISO_3166.contains(**code)).copied();
    assert_eq!(others.collect::<Vec<_>>(), ["AC", "XK", "TA"], "sorted by name");
    for country in countries() {
        assert!(!country.name.is_empty() && country.code.len() == 2, "{country:?}");
        assert_eq!(Country::of(country.code), Some(country), "its code is there once");
    }
}

#[test]
fn the_table_is_well_formed() {
    for country in countries() {
        let asked = AddressFormat::of(country.code);
        assert!(asked.field(Field::Street).is_some_and(|street| street.required), "{}", country.code);
        let fields: Vec<_> = asked.fields.iter().map(|asked| asked.field).collect();
        assert!(asked.fields[0].begins_line, "{}", country.code);
        for field in &fields {
            assert_eq!(fields.iter().filter(|other| *other == field).count(), 1, "{}", country.code);
        }
        for asked in &asked.fields {
            assert!(!asked.label.is_empty(), "{asked:?}");
            assert!(asked.example.is_none() || asked.field == Field::Postcode, "{asked:?}");
            for (written, name) in asked.choices() {
                assert!(!written.is_empty() && !name.is_empty(), "{asked:?}");
                let twice = asked.choices().filter(|(other, _)| *other == written).count();
                assert_eq!((asked.field, twice), (Field::Region, 1), "{}: {written}", country.code);
            }
        }
    }
}

#[test]
fn no_country_requires_a_field_that_its_format_does_not_have() {
    let table = include_str!("../address/formats.tsv").lines().filter(|line| !line.starts_with('#'));
    let mut seen = 0;
    for line in table {
        let (code, rest) = line.split_once('\t').expect("columns");
        let required = rest.split('\t').next().unwrap_or_default();
        let asked = AddressFormat::of(code);
        for (letter, field) in
            [('A', Field::Street), ('C', Field::City), ('S', Field::Region), ('Z', Field::Postcode)]
        {
            let is_required = asked.field(field).is_some_and(|asked| asked.required);
            assert_eq!(is_required, required.contains(letter), "{code} {letter}");
        }
        seen += 1;
    }
    assert_eq!(seen, countries().count());
}

#[test]
fn an_order_to_every_country_is_accepted_with_exactly_the_fields_that_the_country_requires() {
    for country in countries() {
        let asked = AddressFormat::of(country.code);
        let mut order = request(PaymentMethod::Card);
        order.ship_to = required_by(&asked);
        assert_eq!(order.validate().map(|_| ()), Ok(()), "{}", country.name);
        for field in asked.fields.iter().filter(|asked| asked.required) {
            let mut without = order.ship_to.clone();
            let pointer = match field.field {
                Field::Street => {
                    without.street.clear();
                    "/ship_to/street"
                }
                Field::City => {
                    without.city = None;
                    "/ship_to/city"
                }
                Field::Region => {
                    without.region = text("  ");
                    "/ship_to/region"
                }
                Field::Postcode => {
                    without.postcode = text("");
                    "/ship_to/postcode"
                }
                Field::Line2 => unreachable!("no country requires a second line"),
            };
            assert_eq!(refused(&without), [pointer], "{}", country.name);
        }
    }
}

#[test]
fn a_postcode_is_never_asked_of_a_country_without_postcodes() {
    for country in ["HK", "AE", "QA", "AO", "BS", "FJ", "GH", "JM", "UG", "ZW"] {
        assert_eq!(label(country, Field::Postcode), None, "{country}");
    }
    assert_eq!(label("IE", Field::Postcode), Some(("Eircode".to_owned(), false)), "it may be left empty");
    // What is sent all the same is kept.
    let address = AddressRequest { postcode: text(" 00000 "), ..required_by(&AddressFormat::of("AE")) };
    assert_eq!(address.validate().expect("a postcode does no harm").postcode, text("00000"));
}

#[test]
fn the_contract_s_address_needs_no_province() {
    let address = request(PaymentMethod::Card).ship_to;
    assert_eq!(address.region, None);
    assert!(address.validate().is_ok());
}

#[test]
fn states_and_provinces_are_required_where_parcels_need_them() {
    for (country, called) in
        [("US", "State"), ("CA", "Province"), ("AU", "State"), ("JP", "Prefecture"), ("AE", "Emirate")]
    {
        assert_eq!(label(country, Field::Region), Some((called.to_owned(), true)), "{country}");
        let regions = AddressFormat::of(country).field(Field::Region).map(|asked| asked.choices().count());
        assert!(regions > Some(0), "{country} has a list");
    }
    assert_eq!(label("IT", Field::Region), Some(("Province".to_owned(), false)));
    assert_eq!(label("DE", Field::Region), None);
}

#[test]
fn the_city_gives_the_region_where_addresses_have_no_city() {
    let dubai = AddressRequest { city: text("Dubai"), region: None, ..required_by(&AddressFormat::of("AE")) };
    assert!(dubai.validate().is_ok());
    let nowhere = AddressRequest { city: None, ..dubai };
    assert_eq!(refused(&nowhere), ["/ship_to/region"]);
    let springfield = AddressRequest { region: None, ..required_by(&AddressFormat::of("US")) };
    assert_eq!(refused(&springfield), ["/ship_to/region"], "there are many");
}

#[test]
fn fields_are_called_what_the_country_calls_them() {
    for (country, field, called) in [
        ("US", Field::Postcode, "ZIP code"),
        ("IN", Field::Postcode, "PIN code"),
        ("IE", Field::Postcode, "Eircode"),
        ("IT", Field::Postcode, "Postcode"),
        ("IE", Field::Region, "County"),
        ("HK", Field::Region, "Area"),
        ("GB", Field::City, "Post town"),
        ("HK", Field::City, "District"),
        ("AU", Field::City, "Suburb"),
        ("BR", Field::Line2, "Neighbourhood"),
        ("NZ", Field::Line2, "Suburb"),
    ] {
        assert_eq!(label(country, field).map(|(label, _)| label).as_deref(), Some(called), "{country}");
    }
    assert_eq!(label("US", Field::Line2), None, "the form has one of its own");
}

#[test]
fn fields_are_asked_in_the_order_and_the_lines_in_which_they_are_written() {
    let lines = |country: &str| -> Vec<Vec<Field>> {
        let fields = AddressFormat::of(country).fields;
        let lines = fields.chunk_by(|_, next| !next.begins_line);
        lines.map(|line| line.iter().map(|asked| asked.field).collect()).collect()
    };
    use Field::{City, Line2, Postcode, Region, Street};
    assert_eq!(lines("IT"), [vec![Street], vec![Postcode, City, Region]]);
    assert_eq!(lines("US"), [vec![Street], vec![City, Region, Postcode]]);
    assert_eq!(lines("GB"), [vec![Street], vec![City], vec![Postcode]]);
    assert_eq!(lines("HK"), [vec![Street], vec![City], vec![Region]]);
    assert_eq!(lines("JP"), [vec![Street], vec![Region], vec![Postcode]], "the page is in English");
    assert_eq!(lines("NZ"), [vec![Street], vec![Line2], vec![City, Postcode]]);
    assert_eq!(lines("HU"), [vec![City], vec![Street], vec![Postcode]]);
    assert_eq!(lines("ZZ"), [vec![Street], vec![Postcode, City]], "of an order from before there was a list");
}

#[test]
fn an_unknown_country_code_is_refused_with_an_explanation() {
    for wrong in ["ZZ", "XX", "UK", "I", "ITA", "Italy", "1T", "é", "ÄÖ", "", "\t"] {
        let address = AddressRequest { country: wrong.to_owned(), ..request(PaymentMethod::Card).ship_to };
        let problem = address.validate().expect_err("no such country");
        assert_eq!(pointers(&problem), ["/ship_to/country"], "{wrong}");
        assert_eq!(problem.errors[0].detail, "Use the two letters of a country, such as IT.");
    }
}

#[test]
fn an_address_is_written_as_in_its_country() {
    let all = |country| written(country, |_| ());
    let begin = ["Ada", "Engines", "1 Main St", "Floor 2"];
    assert_eq!(all("US"), [&begin[..], &["City, Region 12345", "United States"]].concat());
    assert_eq!(all("IT"), [&begin[..], &["12345 City Region", "Italy"]].concat());
    assert_eq!(all("GB")[4..], ["Region", "City", "12345", "United Kingdom"]);
    assert_eq!(all("HK")[4..], ["12345", "City", "Region", "Hong Kong"]);
    assert_eq!(all("JP")[2..], ["1 Main St, Floor 2, Region", "City", "12345", "Japan"]);
    assert_eq!(all("FI")[..3], ["Engines", "Ada", "1 Main St"]);
    assert_eq!(all("FI")[4..], ["Region", "FI-12345 City", "Finland"]);
    assert_eq!(
        written("ZZ", |address| address.company = None),
        ["Ada", "1 Main St", "Floor 2", "12345 City", "Region", "ZZ"]
    );
}

#[test]
fn an_address_in_its_own_script_is_written_from_the_country_to_the_recipient() {
    let japan = written("JP", |address| {
        (address.street, address.line2) = ("千代田1-1".to_owned(), None);
        (address.city, address.region, address.postcode) = (None, text("東京都"), text("100-0001"));
        (address.name, address.company) = ("エイダ".to_owned(), None);
    });
    assert_eq!(japan, ["〒100-0001", "東京都", "千代田1-1", "エイダ", "Japan"]);
    let korea = written("KR", |address| {
        (address.street, address.line2) = ("세종대로 1".to_owned(), None);
        (address.city, address.region, address.company) = (text("종로구"), text("서울특별시"), None);
    });
    assert_eq!(korea, ["서울특별시 종로구", "세종대로 1", "Ada", "12345", "South Korea"]);
}

#[test]
fn missing_fields_are_left_out_and_repeated_values_are_written_once() {
    let without = |country| {
        written(country, |address| {
            (address.city, address.region, address.line2, address.company) = (None, None, None, None);
        })
    };
    assert_eq!(without("US"), ["Ada", "1 Main St", "12345", "United States"]);
    assert_eq!(without("AX"), ["Ada", "1 Main St", "AX-12345", "ÅLAND", "Åland Islands"]);
    let us = written("US", |address| (address.region, address.line2, address.company) = (None, None, None));
    assert_eq!(us, ["Ada", "1 Main St", "City 12345", "United States"]);
    let singapore = written("SG", |address| {
        (address.city, address.region, address.line2, address.company) =
            (text("Singapore"), None, None, None);
    });
    assert_eq!(singapore, ["Ada", "1 Main St", "SINGAPORE 12345", "Singapore"]);
    let finland = written("FI", |address| address.postcode = text("fi-00550"));
    assert!(finland.contains(&"fi-00550 City".to_owned()), "{finland:?}");
}

#[test]
fn no_given_field_is_left_out_in_any_country() {
    for country in countries() {
        let lines = written(country.code, |address| address.city = text("Elsewhere")).join("\n");
        for part in ["Ada", "Engines", "1 Main St", "Floor 2", "Elsewhere", "Region", "12345"] {
            assert_eq!(lines.matches(part).count(), 1, "{part} in {lines}");
        }
        assert!(lines.ends_with(country.name), "{lines}");
    }
}

#[test]
fn an_address_of_an_earlier_version_keeps_its_json() {
    let before = r#"{"name":"Ada","street":"1 Main St","city":"Pavia","postcode":"27100","country":"IT"}"#;
    let address: Address = serde_json::from_str(before).expect("an old order is read");
    assert_eq!(address.city, text("Pavia"));
    assert_eq!(serde_json::to_string(&address).expect("JSON"), before);
    let request: AddressRequest = serde_json::from_str(before).expect("an old request is read");
    assert_eq!(serde_json::to_string(&request).expect("JSON"), before, "its fingerprint stays the same");
}
