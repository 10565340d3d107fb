//! The top of every page: the way home, the search, the orders in progress, the cart.

use leptos::prelude::*;
use leptos_router::hooks::{use_location, use_query_map};

use crate::cart::{CartItem, count};
use crate::components::tray::Tray;
use crate::error::Trouble;
use crate::live::Live;
use crate::server_fns::header::Header;

/// What this tab put into the cart; nothing until it did.
#[derive(Clone, Copy)]
pub struct InCart(RwSignal<Option<Vec<CartItem>>>);

/// What every page asks the server for.
pub type HeaderResource = Resource<Result<Header, Trouble>>;

impl InCart {
    /// For the whole app.
    pub fn provide() {
        provide_context(Self(RwSignal::new(None)));
    }

    /// The one of this app.
    pub fn expect() -> Self {
        expect_context()
    }

    /// What is in the cart now.
    pub fn set(self, items: Vec<CartItem>) {
        let _ = self.0.try_set(Some(items));
    }

    /// What is in the cart: what this tab did to it, else what the server said.
    pub fn or(self, said: &[CartItem]) -> Vec<CartItem> {
        self.0.get().unwrap_or_else(|| said.to_vec())
    }
}

/// The top of every page.
#[component]
pub fn SiteHeader(header: HeaderResource) -> impl IntoView {
    let query = use_query_map();
    let at = use_location().pathname;
    let live = Live::expect();
    let looked_for = move || if at.get() == "/" { query.with(|query| query.get("query")) } else { None };
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
                        value=looked_for
                    />
                    <button class="button">"Search"</button>
                </form>
                <nav class="site-nav" aria-label="Your shopping">
                    <Suspense>
                        {move || Suspend::new(async move {
                            let said = header.await.unwrap_or_default();
                            live.seed(said.orders);
                            view! {
                                <Tray />
                                <CartLink items=said.cart />
                            }
                        })}
                    </Suspense>
                </nav>
            </div>
        </header>
    }
    .into_any()
}

#[component]
fn CartLink(items: Vec<CartItem>) -> impl IntoView {
    let in_cart = InCart::expect();
    let at = use_location().pathname;
    let count = Memo::new(move |_| count(&in_cart.or(&items)));
    let here = move || (at.get() == "/cart").then_some("page");
    let words = move || if count.get() == 1 { " item" } else { " items" };
    view! {
        <a href="/cart" aria-current=here>
            "Cart "
            <span class="count" data-count=move || count.get().to_string()>
                {move || count.get().to_string()}
                <span class="unseen">{words}</span>
            </span>
        </a>
    }
    .into_any()
}
