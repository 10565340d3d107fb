//! The shop: search, categories, products.

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;
use orders::Product;

use crate::cart::quantity_of;
use crate::components::form::{PostForm, refusal};
use crate::components::header::InCart;
use crate::components::state::Mark;
use crate::components::trouble::{RefusedNote, TroublePage};
use crate::pages::query;
use crate::server_fns::cart::AddToCart;
use crate::server_fns::shop::{Search, Shelf, load_shelf};

/// The shop.
#[component]
pub fn ShopPage() -> impl IntoView {
    let wanted = use_query_map();
    let search = Memo::new(move |_| {
        wanted.with(|wanted| Search {
            query: wanted.get("query").unwrap_or_default(),
            category: wanted.get("category").unwrap_or_default(),
            after: wanted.get("after").unwrap_or_default(),
        })
    });
    let found = Resource::new(move || search.get(), load_shelf);
    view! {
        <Suspense>
            {move || Suspend::new(async move {
                match found.await {
                    Ok(found) => view! { <Found search=search.get_untracked() found /> }.into_any(),
                    Err(trouble) => view! { <TroublePage trouble /> }.into_any(),
                }
            })}
        </Suspense>
    }
}

fn address(search: &Search) -> String {
    query::address("/", &[("query", &search.query), ("category", &search.category), ("after", &search.after)])
}

#[component]
fn Found(search: Search, found: Shelf) -> impl IntoView {
    let Shelf { page, cart, refused } = found;
    let here = address(&search);
    let add = ServerAction::<AddToCart>::new();
    let refused = refusal(add, refused);
    let in_cart = InCart::expect();
    let cart = Memo::new(move |_| in_cart.or(&cart));
    let heading = match (search.query.trim(), search.category.as_str()) {
        ("", "") => "The shop".to_owned(),
        ("", category) => category.to_owned(),
        (query, _) => format!("Results for “{query}”"),
    };
    let count = page.products.len();
    let products = page.products.into_iter();
    let products =
        products.map(|product| view! { <Card product add cart here=here.clone() /> }).collect_view();
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
        <Title text=format!("{heading} · Docket") />
        <Categories categories=page.categories search />
        <div class="page-head">
            <h1>{heading}</h1>
            <p><span class="figure">{count.to_string()}</span> {if count == 1 { " product" } else { " products" }}</p>
        </div>
        <RefusedNote refused />
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
fn Card(
    product: Product,
    add: ServerAction<AddToCart>,
    cart: Memo<Vec<crate::cart::CartItem>>,
    here: String,
) -> impl IntoView {
    let sku = product.sku.clone();
    let (stock, words) = stock_words(product.stock);
    let place = format!("p-{sku}");
    let back = format!("{here}#{place}");
    let form = (product.stock > 0).then(|| {
        let (sku, name) = (sku.clone(), product.name.clone());
        let adding = {
            let sku = sku.clone();
            Signal::derive(move || {
                add.input().with(|input| input.as_ref().is_some_and(|input| input.sku == sku))
            })
        };
        view! {
            <PostForm action=add page=here class="product-add">
                <input type="hidden" name="sku" value=sku />
                <input type="hidden" name="back" value=back />
                <button class="button" disabled=adding aria-busy=move || adding.get().then_some("true")>
                    "Add to cart" <span class="unseen">": " {name}</span>
                </button>
            </PostForm>
        }
    });
    let in_cart = move || match cart.with(|cart| quantity_of(cart, &sku)) {
        0 => String::new(),
        count => format!("{count} in your cart"),
    };
    view! {
        <li class="product" id=place>
            <img class="picture" src=product.image alt="" width="240" height="180" loading="lazy" />
            <div class="product-text">
                <h2 class="product-name">{product.name}</h2>
                <p class="product-description">{product.description}</p>
            </div>
            <div class="product-foot">
                <p class="price money">{product.price.to_string()}</p>
                <p class="stock" data-state=stock><Mark />{words}</p>
                {form}
                <p class="in-cart">{in_cart}</p>
            </div>
        </li>
    }
    .into_any()
}

/// How much is there, honestly: the style's word for it and ours.
pub fn stock_words(stock: u32) -> (&'static str, String) {
    match stock {
        0 => ("none", "Sold out".to_owned()),
        1..=5 => ("low", format!("Only {stock} left")),
        _ => ("plenty", format!("{stock} in stock")),
    }
}
