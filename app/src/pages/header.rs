//! The header of every page: the link to the shop, the search, the orders in progress, the cart.

use leptos::prelude::*;
use leptos_router::hooks::{use_location, use_query_map};

use crate::islands::CartLink;
use crate::page_error::PageError;
use crate::pages::island;
use crate::server_fns::header::Header;

/// The viewer's data that every page shows.
pub type HeaderResource = Resource<Result<Header, PageError>>;

#[component]
pub fn SiteHeader(header: HeaderResource) -> impl IntoView {
    let at = use_location().pathname.get_untracked();
    let query = (at == "/").then(|| use_query_map().with_untracked(|query| query.get("query"))).flatten();
    let here = at == "/cart";
    view! {
        <header class="site-header">
            <div class="bar">
                <a class="wordmark" href="/">"Docket"</a>
                <form class="search" role="search" action="/" method="get">
                    <label class="unseen" for="query">"Search the shop"</label>
                    <input
                        class="input"
                        id="query"
                        name="query"
                        type="search"
                        placeholder="Search the shop"
                        value=query
                    />
                    <button class="button">"Search"</button>
                </form>
                <nav class="site-nav" aria-label="Your shopping">
                    <Suspense>
                        {move || Suspend::new(async move {
                            let data = header.await.unwrap_or_default();
                            view! {
                                {island(data.open)}
                                {island(CartLink { items: data.cart, here })}
                            }
                        })}
                    </Suspense>
                </nav>
            </div>
        </header>
    }
    .into_any()
}
