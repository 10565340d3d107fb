//! `docket catalog import`: the program itself, on a new database and beside a running server.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

use crate::house::House;

const SHOPIFY: &str = "Handle,Title,Option1 Name,Option1 Value,Variant SKU,Variant Inventory Qty,Variant Price,Status\n\
                       shirt,Shirt,Size,M,S-M,4,39.00,active\n\
                       shirt,,,L,S-L,2,41.00,\n\
                       lamp,Lamp,Title,Default Title,LAMP,1,64.00,draft\n";

/// Runs `docket catalog import` in a folder with a file in it.
fn import(folder: &Path, text: &[u8], more: &[&str]) -> Output {
    fs::write(folder.join("shop.csv"), text).unwrap();
    let mut docket = Command::new(env!("CARGO_BIN_EXE_docket"));
    docket
        .current_dir(folder)
        .env_clear()
        .args(["catalog", "import", "shop.csv"])
        .args(more)
        .output()
        .unwrap()
}

fn printed(output: &Output) -> String {
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn refused(output: &Output) -> String {
    assert_eq!(output.status.code(), Some(1), "{}", String::from_utf8_lossy(&output.stdout));
    assert!(output.stdout.is_empty());
    String::from_utf8(output.stderr.clone()).unwrap()
}

#[test]
fn a_dry_run_prints_what_an_import_would_do_and_writes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let dry = printed(&import(folder.path(), SHOPIFY.as_bytes(), &["--dry-run"]));
    assert_eq!(
        dry,
        "shop.csv is a product export of Shopify, in UTF-8, with commas between its cells.\n\
         An import would give: 2 new, 0 changed, 0 unchanged. Nothing was written.\n  \
         new      S-M  Shirt – M, €39.00, stock 4\n  \
         new      S-L  Shirt – L, €41.00, stock 2\n\
         1 product is left out: it is a draft, archived or not published.\n\
         2 products without a category: new ones are listed under Other.\n"
    );
    assert!(!folder.path().join("data").exists(), "a dry run makes no database");
    let imported = printed(&import(folder.path(), SHOPIFY.as_bytes(), &[]));
    assert!(imported.contains("\nImported: 2 new, 0 changed, 0 unchanged.\n"), "{imported}");
    let dearer = SHOPIFY.replace("41.00", "45.00");
    let dry = printed(&import(folder.path(), dearer.as_bytes(), &["--dry-run"]));
    assert!(dry.contains("0 new, 1 changed, 1 unchanged"), "{dry}");
    assert!(dry.contains("\n  changed  S-L  price €41.00 → €45.00\n"), "{dry}");
    let again = printed(&import(folder.path(), SHOPIFY.as_bytes(), &[]));
    assert!(again.contains("0 new, 0 changed, 2 unchanged"), "the dry run wrote nothing: {again}");
}

#[test]
fn a_file_with_errors_is_refused_completely_and_every_line_is_reported() {
    let folder = tempfile::tempdir().unwrap();
    let text = b"sku;name;price\nmug;Mug;12,50\ncup;Cup;free\n;Pot;9,00\n";
    assert_eq!(
        refused(&import(folder.path(), text, &[])),
        "docket: shop.csv cannot be imported, and nothing was changed:\n  \
         line 3: price \"free\" is not an amount: write it like 12.50\n  \
         line 4: sku is blank\n"
    );
    let good = printed(&import(folder.path(), b"sku;name;price\nmug;Mug;12,50\n", &["--dry-run"]));
    assert!(good.contains("1 new"), "the good line was not imported either: {good}");
}

#[test]
fn many_wrong_lines_are_counted_after_the_first_hundred() {
    let folder = tempfile::tempdir().unwrap();
    let rows: String = (0..150).map(|n| format!("p{n},Product {n},free\n")).collect();
    let said = refused(&import(folder.path(), format!("sku,name,price\n{rows}").as_bytes(), &[]));
    assert_eq!(said.matches("\n  line ").count(), 100);
    assert!(said.ends_with("\n  and 50 more\n"), "{said}");
}

#[test]
fn a_file_from_excel_with_headings_of_its_own_is_imported_in_the_currency_of_the_shop() {
    let folder = tempfile::tempdir().unwrap();
    let text = "Nummer\tName\tPreis\r\nA-1\tGroße Tasse\t¥1.250\r\n";
    let bytes: Vec<u8> = [0xFEFF].into_iter().chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    let more = ["--columns", "sku=nummer,price=preis", "--currency", "JPY", "--uncounted-stock", "5"];
    let said = printed(&import(folder.path(), &bytes, &more));
    assert!(said.contains("in UTF-16LE, with tabs between its cells"), "{said}");
    assert!(said.contains("new      A-1  Große Tasse, ¥1,250, stock 5"), "{said}");
    let euros = refused(&import(folder.path(), b"sku,name,price\nB-1,Cup,4\n", &[]));
    assert!(euros.contains("1 product of the shop that is not in it has prices in JPY"), "{euros}");
}

#[test]
fn options_that_mean_nothing_are_refused_before_anything_is_read() {
    let folder = tempfile::tempdir().unwrap();
    for (more, says) in [
        (["--columns", "colour=Farbe"], "sku, name, description, price, stock, category, image"),
        (["--decimal", "dot"], "point"),
        (["--encoding", "klingon"], "windows-1252"),
        (["--currency", "ABC"], "the code of a currency"),
    ] {
        let output = import(folder.path(), b"sku,name,price\nA,B,1\n", &more);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(said.contains(says), "{said}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_beside_a_running_server_changes_what_the_server_sells() {
    let house = House::open().await;
    let folder = tempfile::tempdir().unwrap();
    let database = house.database();
    let file = "sku;name;price\nmug-blue;Blue mug;13,00\nnew;New;1,00\n";
    let said = tokio::task::spawn_blocking(move || {
        printed(&import(folder.path(), file.as_bytes(), &["--database-url", &database]))
    });
    let said = said.await.unwrap();
    assert!(said.contains("changed  mug-blue  price €12.50 → €13.00"), "{said}");
    assert!(said.contains("23 products of the shop are not in the file and stay unchanged."), "{said}");
    let mug = house.client.get(house.url("/products/mug-blue")).send().await.unwrap();
    let mug: Value = mug.json().await.unwrap();
    assert_eq!(mug["price"]["amount"], 1300);
    assert_eq!(mug["stock"], 48, "what the file does not name stays");
    house.running.stop().await;
}
