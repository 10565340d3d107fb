use super::super::{Format, Note};
use super::{listed, read, wrong_lines};

/// The older template: one product with three variants and two more pictures, one without variants, and three that are not
/// sold.
pub(super) const OLDER: &str = "\
Handle,Title,Body (HTML),Vendor,Product Category,Type,Tags,Published,Option1 Name,Option1 Value,Option2 Name,Option2 Value,\
Option3 Name,Option3 Value,Variant SKU,Variant Grams,Variant Inventory Tracker,Variant Inventory Qty,Variant Inventory Policy,\
Variant Price,Variant Compare At Price,Image Src,Image Position,Gift Card,Variant Image,Status
shirt,Linen shirt,\"<p>Cool &amp; light.</p>
<ul><li>Washable</li></ul>\",Docket,Apparel & Accessories > Clothing > Shirts,Shirts,\"linen, summer\",true,Colour,Red,Size,M,,,\
SH-R-M,200,shopify,4,deny,39.00,45.00,https://cdn.example/shirt.jpg,1,false,,active
shirt,,,,,,,,,Red,,L,,,,200,shopify,-2,deny,39.00,,https://cdn.example/back.jpg,2,,,
shirt,,,,,,,,,Blue,,M,,,'0042,200,,0,deny,41.5,,,,,https://cdn.example/blue.jpg,
shirt,,,,,,,,,,,,,,,,,,,,,https://cdn.example/side.jpg,3,,,
mug,Mug,,Docket,Home & Garden > Kitchen > Mugs,,,true,Title,Default Title,,,,,,300,shopify,10,deny,12.50,,,,false,,active
lamp,Lamp,,Docket,,,,true,Title,Default Title,,,,,LAMP,300,shopify,10,deny,64.00,,,,false,,draft
old,Old,,Docket,,,,false,Title,Default Title,,,,,OLD,300,shopify,10,deny,,,,,false,,active
card,Gift card,,Docket,,,,true,Value,10,,,,,CARD,0,,0,deny,10.00,,,,true,,active
card,,,,,,,,,25,,,,,CARD-25,0,,0,deny,25.00,,,,true,,
";

#[test]
fn each_variant_of_a_shopify_product_becomes_a_product() {
    let file = read(OLDER);
    assert_eq!(file.format, Format::Shopify);
    assert_eq!(
        listed(&file),
        [
            ("SH-R-M", "Linen shirt – Red / M", 3900),
            ("shirt-red-l", "Linen shirt – Red / L", 3900),
            ("0042", "Linen shirt – Blue / M", 4150),
            ("mug", "Mug", 1250),
        ]
    );
    let shirt = &file.products[0];
    assert_eq!(shirt.description.as_deref(), Some("Cool & light.\n\nWashable"));
    assert_eq!((shirt.category.as_deref(), shirt.stock), (Some("Shirts"), Some(4)));
    assert_eq!(
        file.products[1].description, shirt.description,
        "what is said of a product is said of its variants"
    );
    assert_eq!(file.products[1].stock, Some(0), "oversold is sold out");
    assert_eq!(file.products[2].stock, None, "Shopify does not count it");
    assert_eq!(file.products[3].category.as_deref(), Some("Mugs"), "without a type the category counts");
}

#[test]
fn what_is_left_out_or_generated_from_a_shopify_export_is_reported() {
    let notes = read(OLDER).notes;
    for (note, count) in [
        (Note::LeftOutUnpublished, 2),
        (Note::LeftOutGiftCard, 1),
        (Note::SkuMade, 2),
        (Note::StockBelowZero, 1),
        (Note::StockNotCounted, 1),
        (Note::PictureElsewhere, 3),
    ] {
        assert_eq!(notes.count(note), count, "{note:?}");
    }
    let ignored = read(OLDER).ignored;
    assert!(
        ignored.contains(&"Vendor".to_owned()) && !ignored.contains(&"Option1 Name".to_owned()),
        "{ignored:?}"
    );
}

#[test]
fn the_column_names_of_shopifys_newer_template_are_known() {
    let file = read(
        "Title,URL handle,Description,Vendor,Product category,Type,Tags,Published on online store,Status,SKU,Barcode,Option1 \
         name,Option1 value,Option1 Linked To,Price,Compare-at price,Inventory tracker,Inventory quantity,Continue selling when \
         out of stock,Product image URL,Gift card\n\
         Mug,mug,<b>Blue.</b>,Docket,,Kitchen,,TRUE,Active,MUG-S,,Size,Small,,12.50,,shopify,3,DENY,,FALSE\n\
         ,mug,,,,,,,,MUG-L,,,Large,,14.50,,shopify,5,DENY,,\n",
    );
    assert_eq!(listed(&file), [("MUG-S", "Mug – Small", 1250), ("MUG-L", "Mug – Large", 1450)]);
    assert_eq!(file.products[1].stock, Some(5));
    assert_eq!(file.products[1].description.as_deref(), Some("Blue."));
}

#[test]
fn errors_of_a_shopify_export_have_the_line_of_the_variant() {
    let text = "Handle,Title,Option1 Name,Option1 Value,Variant SKU,Variant Price\n\
                shirt,Shirt,Size,M,S-1,\n\
                shirt,,,L,S-1,39\n\
                ,Nobody,,,X,1\n";
    assert_eq!(
        wrong_lines(text),
        [
            "line 2: price is blank: write it like 12.50",
            "line 3: sku \"S-1\" is on line 2 already",
            "line 4: has no handle, so it belongs to no product",
        ]
    );
}
