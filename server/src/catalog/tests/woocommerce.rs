use super::super::{Format, Note};
use super::{listed, read, wrong_lines};

pub(super) const EXPORT: &str = "\
ID,Type,SKU,\"GTIN, UPC, EAN, or ISBN\",Name,Published,\"Is featured?\",\"Visibility in catalog\",\"Short description\",Description,\
\"Date sale price starts\",\"Date sale price ends\",\"In stock?\",Stock,\"Backorders allowed?\",\"Sale price\",\"Regular price\",\
Categories,Tags,Images,Parent,Position,\"Attribute 1 name\",\"Attribute 1 value(s)\",\"Attribute 2 name\",\"Attribute 2 value(s)\"
10,simple,MUG,,Blue mug,1,0,visible,<p>Holds a cup.</p>,Long,,,1,48,0,,12.50,\"Kitchen > Mugs, Gifts\",,\
\"https://shop.example/mug.jpg, https://shop.example/mug2.jpg\",,0,,,,
11,variable,HOODIE,,Hoodie,1,0,visible,,\"Warm.\\nSoft.\",,,1,,0,,,Clothing,,https://shop.example/hoodie.jpg,,0,Colour,\"Blue, Red\",Size,\"M, L\"
12,variation,HOODIE-B,,\"Hoodie - Blue, M\",1,0,visible,,,,,1,5,0,39.00,45.00,,,,id:11,0,Colour,Blue,Size,M
13,variation,,,Hoodie,1,0,visible,,,2026-01-01,2026-02-01,1,parent,0,35.00,45.00,,,,HOODIE,0,Colour,Red,Size,L
14,simple,,,Candle,1,0,visible,,,,,1,,0,,9.00,,,,,0,,,,
15,simple,POT,,Pot,1,0,visible,,,,,0,,0,,8.00,Home,,,,0,,,,
16,\"simple, downloadable, virtual\",BOOK,,E-book,1,0,visible,,,,,1,,0,,8.00,Books,,,,0,,,,
17,grouped,SET,,Set,1,0,visible,,,,,1,,0,,,Home,,,,0,,,,
18,external,EXT,,Elsewhere,1,0,visible,,,,,1,,0,,8.00,Home,,,,0,,,,
19,simple,DRAFT,,Draft,-1,0,visible,,,,,1,1,0,,8.00,Home,,,,0,,,,
20,variable,SOCKS,,Socks,0,0,visible,,,,,1,,0,,,Home,,,,0,Size,\"M, L\",,
21,variation,SOCKS-M,,Socks - M,1,0,visible,,,,,1,5,0,,5.00,,,,SOCKS,0,Size,M,,
22,variable,EMPTY,,Empty,1,0,visible,,,,,1,,0,,,Home,,,,0,,,,
";

#[test]
fn simple_products_and_variations_of_woocommerce_become_products() {
    let file = read(EXPORT);
    assert_eq!(file.format, Format::WooCommerce);
    assert_eq!(
        listed(&file),
        [
            ("MUG", "Blue mug", 1250),
            ("HOODIE-B", "Hoodie - Blue, M", 3900),
            ("HOODIE-red-l", "Hoodie – Red / L", 4500),
            ("product-14", "Candle", 900),
            ("POT", "Pot", 800),
        ]
    );
    let [mug, blue, red, candle, pot] = &file.products[..] else { panic!("{:?}", file.products) };
    assert_eq!(mug.description.as_deref(), Some("Holds a cup."), "the short one where there is one");
    assert_eq!((mug.category.as_deref(), mug.stock), (Some("Mugs"), Some(48)));
    assert_eq!(blue.description.as_deref(), Some("Warm. Soft."), "that of its product");
    assert_eq!((blue.category.as_deref(), blue.stock), (Some("Clothing"), Some(5)));
    assert_eq!((red.stock, candle.stock, pot.stock), (None, None, Some(0)));
}

#[test]
fn what_is_left_out_or_adjusted_from_a_woocommerce_export_is_reported() {
    let notes = read(EXPORT).notes;
    for (note, count) in [
        (Note::LeftOutUnpublished, 2),
        (Note::LeftOutVirtual, 1),
        (Note::LeftOutGrouped, 2),
        (Note::LeftOutWithoutVariations, 1),
        (Note::SalePrice, 1),
        (Note::SaleForATime, 1),
        (Note::SkuMade, 2),
        (Note::StockNotCounted, 2),
        (Note::NoCategory, 1),
        (Note::PictureElsewhere, 3),
    ] {
        assert_eq!(notes.count(note), count, "{note:?}");
    }
}

#[test]
fn prices_of_a_woocommerce_shop_with_decimal_commas_are_read() {
    let file = read(
        "ID,Type,SKU,Name,Published,Stock,Sale price,Regular price\n1,simple,A,Tasse,1,3,,\"1250,5\"\n2,simple,B,Becher,1,3,\"9,90\",\"12,50\"\n",
    );
    assert_eq!(listed(&file), [("A", "Tasse", 125_050), ("B", "Becher", 990)]);
}

#[test]
fn a_variation_without_its_product_and_a_product_without_a_price_are_named() {
    let text = "ID,Type,SKU,Name,Published,Regular price,Parent\n\
                1,variation,A-1,A,1,5,id:99\n\
                2,simple,B,B,1,,\n";
    assert_eq!(
        wrong_lines(text),
        [
            "line 2: is a variation of \"id:99\", which is not in the file: export it together with its product",
            "line 3: price is blank: write it like 12.50",
        ]
    );
}
