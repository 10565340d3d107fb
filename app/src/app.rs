//! The document around every page, and the routes.

use leptos::prelude::*;
use leptos_meta::{HashedStylesheet, MetaTags, provide_meta_context};
use leptos_router::components::{Route, Router, Routes};
use leptos_router::hooks::use_location;
use leptos_router::{SsrMode, path};

use crate::components::footer::{Announcements, SiteFooter};
use crate::components::header::{InCart, SiteHeader};
use crate::components::trouble::Nothing;
use crate::live::{self, Live};
use crate::pages::{
    CartPage, CheckoutPage, HelpPage, OrderPage, ProblemPage, ReportPage, ShopPage, TopicPage, TrackPage,
};
use crate::server_fns::header::load_header;

/// The whole HTML document, as the server sends it.
pub fn shell(options: LeptosOptions) -> impl IntoView {
    view! {
        <!DOCTYPE html>
        <html lang="en">
            <head>
                <meta charset="utf-8" />
                <meta name="viewport" content="width=device-width, initial-scale=1" />
                <meta name="color-scheme" content="light dark" />
                <link rel="icon" type="image/svg+xml" href="/favicon.svg" id="favicon" />
                <HashedStylesheet options=options.clone() />
                <HydrationScripts options />
                <MetaTags />
            </head>
            <body>
                <App />
            </body>
        </html>
    }
}

/// The app inside the document, the same on the server and in the browser.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    InCart::provide();
    let live = Live::provide();
    Effect::new(move |_| live::start(live));
    Effect::new(move |_| show_icon(live.icon()));
    let header = Resource::new(|| (), |()| load_header());
    let routing = RwSignal::new(false);
    view! {
        <Router set_is_routing=routing>
            <a class="skip" href="#main" rel="external">"Skip to the content"</a>
            <SiteHeader header />
            <main class="page" id="main" tabindex="-1" aria-busy=move || routing.get().then_some("true")>
                <Routes fallback=|| view! { <Nothing /> }>
                    <Route path=path!("/") view=ShopPage ssr=SsrMode::Async />
                    <Route path=path!("/cart") view=CartPage ssr=SsrMode::Async />
                    <Route path=path!("/checkout") view=CheckoutPage ssr=SsrMode::Async />
                    <Route path=path!("/orders") view=ReportPage ssr=SsrMode::Async />
                    <Route path=path!("/orders/:id") view=OrderPage ssr=SsrMode::Async />
                    <Route path=path!("/track/:token") view=TrackPage ssr=SsrMode::Async />
                    <Route path=path!("/help") view=HelpPage ssr=SsrMode::Async />
                    <Route path=path!("/help/:topic") view=TopicPage ssr=SsrMode::Async />
                    <Route path=path!("/problems/:code") view=ProblemPage ssr=SsrMode::Async />
                </Routes>
            </main>
            <SiteFooter header />
            <Announcements />
            <FocusOnNewPage />
        </Router>
    }
}

/// Keyboards and screen readers begin at the content of a page that was opened within the app.
#[component]
fn FocusOnNewPage() -> impl IntoView {
    let at = use_location().pathname;
    Effect::new(move |before: Option<String>| {
        let at = at.get();
        if before.is_some_and(|before| before != at)
            && let Some(main) = document().get_element_by_id("main")
        {
            use wasm_bindgen::JsCast;
            let _ = main.unchecked_into::<web_sys::HtmlElement>().focus();
        }
        at
    });
}

fn show_icon(address: &str) {
    if let Some(icon) = document().get_element_by_id("favicon") {
        let _ = icon.set_attribute("href", address);
    }
}
