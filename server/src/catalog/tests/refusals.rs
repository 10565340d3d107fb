use orders::Currency;

use super::super::{CatalogError, Options};
use super::{refused, wrong_lines};

#[test]
fn every_error_of_a_file_is_reported_at_once_in_words() {
    let text = "sku,name,description,price,stock,category,image\n\
                mug,Mug,,12.50,3,Kitchen,\n\
                cup,Cup,,twelve,3,Kitchen,\n\
                \"pot\n\",Pot,,9.00,-1,Kitchen,\n\
                pan,Pan,,12,50,3,Kitchen,\n\
                mug,Mug again,,1.00,1,Kitchen,\n\
                5901234123457,Jar,,1.00,many,Kitchen,\n\
                ,,,,,,/x\n";
    assert_eq!(
        wrong_lines(text),
        [
            "line 3: price \"twelve\" is not an amount: write it like 12.50",
            "line 6: has 8 cells and there are 7 headings: a text with ',' in it must stand in quotation marks",
            "line 7: sku \"mug\" is on line 2 already",
            "line 8: sku \"5901234123457\" looks like a card number, and an order with one in it is refused: put a letter among \
             its digits",
            "line 8: stock \"many\" is not a whole number from 0 to 4294967295",
            "line 9: sku is blank",
            "line 9: name is blank",
            "line 9: price is blank: write it like 12.50",
        ]
    );
}

#[test]
fn a_price_that_can_mean_two_things_is_asked_about() {
    assert_eq!(
        wrong_lines("sku,name,price\nmug,Mug,12\ncup,Cup,1.250\n"),
        [
            "line 3: price \"1.250\" can mean 1250 or 1.25, and no other price in the file tells which: say it with --decimal \
          point or --decimal comma"
        ]
    );
}

#[test]
fn a_price_says_what_its_currency_takes() {
    let text = "sku,name,price\nmug,Mug,12.50\n";
    let refused =
        super::super::read(text.as_bytes(), "JPY".parse().unwrap(), &Options::default()).unwrap_err();
    assert_eq!(
        refused.to_string(),
        "line 2: price \"12.50\": JPY has no decimals, write a whole number such as 1250"
    );
}

#[test]
fn a_missing_column_is_named_with_those_that_are_there() {
    let error = refused("Artikelnummer;Name;VK-Preis\nA;B;1\n");
    assert_eq!(
        error.to_string(),
        "it has no column for sku and price. Its columns are \"Artikelnummer\", \"Name\" and \"VK-Preis\". Say which ones to use \
         with --columns sku=HEADING,price=HEADING"
    );
    let options = Options { columns: "sku=Nummer".parse().unwrap(), ..Options::default() };
    let error =
        super::super::read(b"Artikelnummer;name;price\nA;B;1\n", Currency::EUR, &options).unwrap_err();
    assert!(
        error.to_string().starts_with("it has no column \"Nummer\", which --columns names for sku."),
        "{error}"
    );
}

#[test]
fn a_column_that_is_there_twice_is_named_where_it_is_needed() {
    let error = refused("sku,name,price,Price\nA,B,1,2\n");
    assert_eq!(
        error.to_string(),
        "it has the column \"price\" twice, as column 3 and column 4: rename or delete one"
    );
    assert!(matches!(refused("sku,name,price,tag,tag\nA,B,x,2,2\n"), CatalogError::Lines(_)));
}

#[test]
fn whatever_the_bytes_are_they_are_read_or_refused() {
    let files = [super::shopify::OLDER, super::woocommerce::EXPORT, "sku;name;price\n\"a\";\"1.250,00 €\"\n"];
    let signs = *b"\"\",;\t\n\r'.,-0\0<\xFF\xC3\xE2=";
    let mut random = 1_u64;
    let mut next = |below: usize| {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (random >> 33) as usize % below
    };
    let mut read = 0;
    for round in 0..600 {
        let mut bytes = files[round % files.len()].as_bytes().to_vec();
        for _ in 0..next(6) {
            let at = next(bytes.len());
            match next(3) {
                0 => bytes[at] = signs[next(signs.len())],
                1 => bytes.insert(at, signs[next(signs.len())]),
                _ => bytes.truncate(at.max(1)),
            }
        }
        read += usize::from(super::super::read(&bytes, Currency::EUR, &Options::default()).is_ok());
    }
    assert!((1..600).contains(&read), "some were read and some refused, of 600: {read}");
}

#[test]
fn files_without_products_and_other_formats_are_refused_with_an_explanation() {
    assert_eq!(refused("").to_string(), "it is empty");
    assert_eq!(refused("\n \n").to_string(), "it is empty");
    assert_eq!(refused("sku,name,price\n").to_string(), "there is no product below its headings");
    let workbook =
        super::super::read(b"PK\x03\x04\x14\0\x06\0", Currency::EUR, &Options::default()).unwrap_err();
    assert_eq!(
        workbook.to_string(),
        "it is an Excel or OpenDocument workbook. Save the products as CSV and import that file (in Excel: Save as, CSV UTF-8)"
    );
    let drafts = refused("Handle,Title,Status,Variant Price\nmug,Mug,draft,12\n");
    assert_eq!(
        drafts.to_string(),
        "it has no product that can be sold. 1 product is left out: it is a draft, archived or not published."
    );
}
