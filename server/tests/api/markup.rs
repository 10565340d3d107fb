//! Text that people send or import is text on every page: markup in it is escaped.

use orders::{Currency, Product};
use reqwest::{StatusCode, Url};
use scraper::{Html, Node, Selector};
use serde_json::json;
use server::store::Catalogue as _;

use crate::app::{TestApp, cookie, header};

/// An attacker's texts. `MARK` says where it came from.
const ATTACKS: [&str; 6] = [
    "MARK</title><script>alert(1)</script>",
    "MARK\"><img src=x onerror=alert(1)>",
    "MARK' onmouseover='alert(1)",
    "MARK]]><svg onload=alert(1)>",
    "MARK<!--<b>&amp;${alert(1)}`",
    "MARK</script></textarea></style><iframe src=javascript:alert(1)>",
];

/// Asserts that no element, attribute or address of a page comes from an attack.
fn assert_text_only(page: &str, about: &str) {
    // A redirect has no page, and an answer for programs is JSON.
    if page.is_empty() || page.starts_with('{') {
        return;
    }
    let document = Html::parse_document(page);
    for element in document.tree.nodes().filter_map(|node| node.value().as_element()) {
        let name = element.name();
        assert!(!matches!(name, "iframe" | "object" | "embed" | "base"), "{about}: a <{name}>");
        assert!(name != "script" || element.attr("nonce").is_some(), "{about}: a script without nonce");
        assert!(element.attr("src") != Some("x"), "{about}: an image of an attacker");
        for (attribute, value) in element.attrs() {
            assert!(!attribute.starts_with("on"), "{about}: <{name} {attribute}>");
            let follows = matches!(attribute, "href" | "src" | "action" | "formaction");
            assert!(!follows || !value.trim().starts_with("javascript:"), "{about}: {attribute}={value}");
        }
    }
    let titles = Selector::parse("title").unwrap();
    assert_eq!(document.select(&titles).count(), 1, "{about}: one title");
    for node in document.tree.nodes() {
        if let Node::Comment(comment) = node.value() {
            assert!(!comment.contains("MARK"), "{about}: a comment holds what was sent");
        }
    }
}

async fn page(app: &TestApp, path: &str) -> String {
    let page = app.client.get(app.url(path)).header("Cookie", cookie(1)).header("Accept", "text/html");
    let answer = page.send().await.unwrap();
    assert!(!answer.status().is_server_error(), "{path}");
    answer.text().await.unwrap()
}

/// Returns a path with a query, encoded as a browser does.
fn with_query(path: &str, name: &str, value: &str) -> String {
    let mut url = Url::parse("http://localhost").unwrap().join(path).unwrap();
    url.query_pairs_mut().append_pair(name, value);
    format!("{}?{}", url.path(), url.query().unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn markup_in_an_address_is_text_on_its_page() {
    let app = TestApp::start_with_pages(|_| {}).await;
    for attack in ATTACKS {
        let encoded = Url::parse("http://localhost").unwrap().join(&attack.replace('/', "%2F")).unwrap();
        let segment = encoded.path().trim_start_matches('/').to_owned();
        let mut paths = vec![
            with_query("/", "query", attack),
            with_query("/", "category", attack),
            with_query("/", "after", attack),
            with_query("/orders", "query", attack),
            with_query("/orders", "group", attack),
            with_query("/cart", "left_out", attack),
            with_query("/help", "order", attack),
        ];
        let folders = ["track", "help", "problems", "orders", "nowhere", "api"];
        paths.extend(folders.map(|folder| format!("/{folder}/{segment}")));
        for path in paths {
            assert_text_only(&page(&app, &path).await, &path);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn markup_in_an_order_is_text_on_every_page_of_it() {
    let app = TestApp::start_with_pages(|config| config.orders_per_minute = 1_000).await;
    for (n, attack) in ATTACKS.iter().enumerate() {
        let order = json!({
            "customer": {"name": attack, "email": "ada@example.org"},
            "ship_to": {"name": attack, "street": attack, "city": attack, "postcode": "27100", "country": "IT"},
            "lines": [{"sku": "mug-blue", "quantity": 2}],
            "payment": {"method": "card", "token": "pm_card_visa"},
            "note": attack,
        });
        let placed = app.submit(&format!("k{n}"), &order).header("Cookie", cookie(1)).send().await.unwrap();
        assert_eq!(placed.status(), StatusCode::ACCEPTED, "{attack}");
        let placed: serde_json::Value = placed.json().await.unwrap();
        let text = |name: &str| placed[name].as_str().unwrap().to_owned();
        let own = page(&app, &format!("/orders/{}", text("id"))).await;
        assert!(own.contains("MARK"), "the page shows what was sent");
        assert_text_only(&own, attack);
        assert_text_only(&page(&app, &format!("/track/{}", text("tracking_token"))).await, attack);
        assert_text_only(&page(&app, "/orders").await, attack);
        assert_text_only(&page(&app, "/").await, attack);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn markup_in_a_refused_form_is_text_where_it_is_shown_again() {
    let app = TestApp::start_with_pages(|_| {}).await;
    let fields = [
        "name",
        "email",
        "recipient",
        "company",
        "street",
        "line2",
        "postcode",
        "city",
        "region",
        "country",
        "payment",
        "note",
    ];
    for attack in ATTACKS {
        let mut form: Vec<(String, &str)> =
            fields.iter().map(|field| (format!("order[{field}]"), attack)).collect();
        form.push(("form".to_owned(), "send_order"));
        form.push(("order[cart]".to_owned(), "00000000000000000000000000000001.mug-blue:1"));
        let answer = app.client.post(app.url("/checkout")).form(&form).header("Cookie", cookie(1));
        let answer = answer.send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::UNPROCESSABLE_ENTITY);
        let again = answer.text().await.unwrap();
        assert!(again.contains("MARK"), "what was typed is shown again");
        assert_text_only(&again, attack);
        for (form, field) in [("change_cart", "lines[0][quantity]"), ("add_to_cart", "sku"), ("nothing", "x")]
        {
            let form = [("form", form), (field, attack), ("lines[0][sku]", attack), ("back", attack)];
            let answer = app.client.post(app.url("/cart")).form(&form).header("Cookie", cookie(1));
            let answer = answer.send().await.unwrap();
            let location = header(&answer, "location").to_owned();
            assert!(location.is_empty() || location.starts_with('/'), "{location}");
            assert_text_only(&answer.text().await.unwrap(), attack);
        }
        let cart = app
            .client
            .get(app.url("/cart"))
            .header("Cookie", format!("docket_cart=1.{}:1", attack.replace([';', '"'], "")));
        assert_text_only(&cart.send().await.unwrap().text().await.unwrap(), attack);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn markup_in_an_imported_product_is_text_in_the_shop() {
    let app = TestApp::start_with_pages(|_| {}).await;
    let mut products: Vec<Product> = server::catalog::sample(Currency::EUR).unwrap();
    for (product, attack) in products.iter_mut().zip(ATTACKS) {
        (product.name, product.description) = (attack.to_owned(), attack.to_owned());
        (product.category, product.image) = (attack.to_owned(), format!("/{attack}"));
    }
    let sku = products[0].sku.clone();
    app.store.import_products(products).await.unwrap();
    let shop = page(&app, "/").await;
    assert!(shop.contains("MARK"));
    assert_text_only(&shop, "the shop");
    for attack in ATTACKS {
        assert_text_only(&page(&app, &with_query("/", "category", attack)).await, attack);
    }
    let cart = format!("docket_cart=00000000000000000000000000000001.{sku}:1");
    for path in ["/cart", "/checkout"] {
        let answer = app.client.get(app.url(path)).header("Cookie", &cart).send().await.unwrap();
        assert_text_only(&answer.text().await.unwrap(), path);
    }
}
