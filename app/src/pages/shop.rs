//! The shop: search, categories, products.

use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use orders::Product;
use orders::plain_text::isolated;

use crate::cart::quantity_of;
use crate::components::element::foreign;
use crate::islands::{AddToCart, RefusedNote};
use crate::pages::error_page::error_page;
use crate::pages::loaded::loaded;
use crate::pages::stock::stock;
use crate::pages::title::PageTitle;
use crate::pages::{island, query};
use crate::server_fns::shop::{ProductList, Search, load_products};

#[component]
pub fn ShopPage() -> impl IntoView {
    let search = use_query_map().with_untracked(|wanted| Search {
        query: wanted.get("query").unwrap_or_default(),
        category: wanted.get("category").unwrap_or_default(),
        after: wanted.get("after").unwrap_or_default(),
    });
    let asked = search.clone();
    let results = move |found| view! { <SearchResults search=search.clone() found /> }.into_any();
    loaded(asked, load_products, results, error_page)
}

fn address(search: &Search) -> String {
    query::address("/", &[("query", &search.query), ("category", &search.category), ("after", &search.after)])
}

#[component]
fn SearchResults(search: Search, found: ProductList) -> impl IntoView {
    let ProductList { page, cart, refused } = found;
    let here = address(&search);
    let heading = match (search.query.trim(), search.category.as_str()) {
        ("", "") => "The shop".to_owned(),
        ("", category) => isolated(category).into_owned(),
        (query, _) => format!("Results for “{}”", isolated(query)),
    };
    let count = page.products.len();
    let products = page.products.into_iter();
    let card = |product: Product| {
        let quantity = quantity_of(&cart, &product.sku);
        view! { <ProductCard product quantity page=here.clone() /> }
    };
    let products = products.map(card).collect_view();
    let more = page.next_page_token.map(|after| {
        let next = address(&Search { after, ..search.clone() });
        view! {
            <nav class="pages" aria-label="More products"><a class="button" href=next>"More products"</a></nav>
        }
    });
    let shelf = if count == 0 {
        view! {
            <div class="empty">
                <p>"Nothing in the shop goes by these words."</p>
                <a class="button" href="/">"See everything"</a>
            </div>
        }
        .into_any()
    } else {
        view! { <ul class="products">{products}</ul> }.into_any()
    };
    view! {
        <PageTitle text=format!("{heading} · Docket") />
        <Categories categories=page.categories search />
        <div class="page-head">
            <h1>{heading}</h1>
            <p><span class="figure">{count.to_string()}</span> {if count == 1 { " product" } else { " products" }}</p>
        </div>
        {island(RefusedNote { refused })}
        {shelf}
        {more}
    }
    .into_any()
}

#[component]
fn Categories(categories: Vec<String>, search: Search) -> impl IntoView {
    let link = move |category: String, words: String| {
        let here = (search.category == category).then_some("page");
        let address = address(&Search { category, ..Search::default() });
        view! { <a href=address aria-current=here>{words}</a> }
    };
    let all = link(String::new(), "All".to_owned());
    let rest = categories.into_iter().map(|category| link(category.clone(), category)).collect_view();
    view! { <nav class="categories" aria-label="Categories">{all} {rest}</nav> }
}

#[component]
fn ProductCard(product: Product, quantity: u32, page: String) -> impl IntoView {
    let Product { sku, name, description, price, stock: there, image, .. } = product;
    let place = format!("p-{sku}");
    let add = AddToCart { sku, name: name.clone(), quantity, in_stock: there > 0, page };
    view! {
        <li class="product" id=place>
            <img class="picture" src=image alt="" width="240" height="180" loading="lazy" />
            <div class="product-text">
                <h2 class="product-name">{foreign(name)}</h2>
                <p class="product-description" dir="auto">{description}</p>
            </div>
            <div class="product-foot">
                <p class="price money">{price.to_string()}</p>
                {stock(there, 1)}
                {island(add)}
            </div>
        </li>
    }
    .into_any()
}
