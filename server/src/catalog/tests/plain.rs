use orders::Currency;

use super::super::draft::PLACEHOLDER;
use super::super::{DecimalMark, Format, Note, Options};
use super::{listed, read, read_in};

const OWN: &str = "sku,name,description,price,stock,category,image\n";

#[test]
fn dockets_own_file_is_read() {
    let file = read(&format!(
        "{OWN}mug,Blue mug,\"Stoneware, wide.\",12.50,48,Kitchen,/products/mug.svg\ncup,Cup,,4,0,Kitchen,\n"
    ));
    assert_eq!((file.format, file.encoding, file.delimiter), (Format::Plain, "UTF-8", ','));
    assert_eq!(listed(&file), [("mug", "Blue mug", 1250), ("cup", "Cup", 400)]);
    let mug = &file.products[0];
    assert_eq!((mug.stock, mug.category.as_deref()), (Some(48), Some("Kitchen")));
    assert_eq!(mug.description.as_deref(), Some("Stoneware, wide."));
    assert_eq!(mug.image.as_deref(), Some("/products/mug.svg"));
    assert_eq!(file.products[1].image.as_deref(), Some(PLACEHOLDER), "blank is the drawn one");
    assert!(file.ignored.is_empty() && file.notes.sentences().is_empty());
}

#[test]
fn the_same_products_are_read_from_a_german_excel() {
    let text = "sku;name;description;price;stock;category;image\r\n\
                tasse;Große Tasse;\"Für Tee;\r\nund Kaffee\";1.250,00 €;1.200;Küche;\r\n\
                becher;Becher;;9,50 €;3;Küche;\r\n";
    let (windows, _, _) = encoding_rs::WINDOWS_1252.encode(text);
    let unicode: Vec<u8> = [0xFEFF_u16]
        .into_iter()
        .chain(text.replace(';', "\t").replace("Tee\t", "Tee;").encode_utf16())
        .flat_map(u16::to_le_bytes)
        .collect();
    for (bytes, encoding, delimiter) in [
        (windows.as_ref(), "windows-1252", ';'),
        (&unicode, "UTF-16LE", '\t'),
        (text.as_bytes(), "UTF-8", ';'),
    ] {
        let file = read_in("EUR", bytes);
        assert_eq!((file.encoding, file.delimiter), (encoding, delimiter));
        assert_eq!(listed(&file), [("tasse", "Große Tasse", 125_000), ("becher", "Becher", 950)]);
        assert_eq!(file.products[0].stock, Some(1200));
        assert_eq!(file.products[0].description.as_deref(), Some("Für Tee;\nund Kaffee"));
        assert_eq!(file.products[1].line, 4);
    }
}

#[test]
fn other_headings_are_named_with_columns() {
    let text = "Artikelnummer;Bezeichnung;VK-Preis, brutto;Bestand;Lager\nA-1;Tasse;12,50;4;Halle 2\n";
    let columns = "sku=artikelnummer,name=Bezeichnung,price=VK-Preis, brutto,stock=BESTAND".parse().unwrap();
    let options = Options { columns, ..Options::default() };
    let file = super::super::read(text.as_bytes(), Currency::EUR, &options).unwrap();
    assert_eq!(listed(&file), [("A-1", "Tasse", 1250)]);
    let product = &file.products[0];
    assert_eq!(
        (product.stock, &product.description, &product.category, &product.image),
        (Some(4), &None, &None, &None)
    );
    assert_eq!(file.ignored, ["Lager"]);
    assert_eq!(file.notes.count(Note::NoCategory), 1);
}

#[test]
fn columns_named_for_a_known_export_read_it_as_a_plain_table() {
    let text = "Handle,Title,Variant Price\nmug,Mug,12.50\n";
    let columns = "sku=Handle,name=Title,price=Variant Price".parse().unwrap();
    let options = Options { columns, ..Options::default() };
    let file = super::super::read(text.as_bytes(), Currency::EUR, &options).unwrap();
    assert_eq!((file.format, listed(&file)), (Format::Plain, vec![("mug", "Mug", 1250)]));
}

#[test]
fn a_missing_column_leaves_its_field_open() {
    let file = read("sku,name,price\nmug,Mug,12.50\n");
    let mug = &file.products[0];
    assert_eq!((mug.stock, &mug.description, &mug.category, &mug.image), (None, &None, &None, &None));
    assert_eq!(file.notes.count(Note::StockNotCounted), 1);
}

#[test]
fn a_given_decimal_mark_decides_ambiguous_numbers() {
    let text = "sku,name,price\nmug,Mug,1.250\n";
    for (mark, amount) in [(DecimalMark::Comma, 125_000), (DecimalMark::Point, 125)] {
        let options = Options { decimal: Some(mark), ..Options::default() };
        let file = super::super::read(text.as_bytes(), Currency::EUR, &options).unwrap();
        assert_eq!(file.products[0].price.amount, amount);
    }
}

#[test]
fn prices_are_read_in_the_decimals_of_the_currency() {
    let price = |currency, price: &str| {
        let text = format!("sku;name;price\nmug;Mug;{price}\n");
        read_in(currency, text.as_bytes()).products[0].price.to_string()
    };
    assert_eq!(price("JPY", "1250"), "¥1,250");
    assert_eq!(price("JPY", "1,250"), "¥1,250");
    assert_eq!(price("JPY", "1250.00"), "¥1,250");
    assert_eq!(price("VND", "25.000"), "VND\u{a0}25,000");
    assert_eq!(price("KWD", "6.250"), "KWD\u{a0}6.250");
    assert_eq!(price("KWD", "1,250.500"), "KWD\u{a0}1,250.500");
    assert_eq!(price("HUF", "5 000 Ft"), "HUF\u{a0}5,000.00");
}

#[test]
fn joined_files_with_their_headings_twice_and_blank_lines_at_the_end_are_read() {
    let file = read("sep=;\nsku;name;price\nmug;Mug;1,5\nsku;name;price\ncup;Cup;2,5\n;;\n\n");
    assert_eq!(listed(&file), [("mug", "Mug", 150), ("cup", "Cup", 250)]);
    assert_eq!(file.notes.sentences()[0], "The headings stand between the rows 1 more time.");
}
