//! The document around every page, and the routes.

use leptos::prelude::*;
use leptos_meta::{HashedStylesheet, MetaTags, provide_meta_context};
use leptos_router::components::{Route, Router, Routes};
use leptos_router::{SsrMode, path};

use crate::islands::Announcements;
use crate::pages::auto_refresh::fallback_script;
use crate::pages::{
    CartPage, CheckoutPage, FallbackPage, HelpPage, OrderPage, ProblemPage, ReportPage, ShopPage, SiteFooter,
    SiteHeader, TopicPage, TrackPage, island,
};
use crate::server_fns::header::load_header;

/// The whole HTML document.
pub fn shell(options: LeptosOptions) -> impl IntoView {
    view! {
        <!DOCTYPE html>
        <html lang="en">
            <head>
                <meta charset="utf-8" />
                <meta name="viewport" content="width=device-width, initial-scale=1" />
                <meta name="description" content="A shop whose orders tell you where they stand: order, close the page, and look again whenever you like." />
                <meta name="color-scheme" content="light dark" />
                <link rel="icon" type="image/svg+xml" href="/favicon.svg" id="favicon" />
                <HashedStylesheet options=options.clone() />
                {fallback_script()}
                <HydrationScripts options />
                <MetaTags />
            </head>
            <body>
                <App />
            </body>
        </html>
    }
}

/// The page at an address.
#[component]
pub fn App() -> impl IntoView {
    // Only islands run in the browser, and each carries its own data, so the data of resources is not sent again.
    if let Some(shared) = Owner::current_shared_context() {
        shared.set_is_hydrating(false);
    }
    provide_meta_context();
    let header = Resource::new(|| (), |()| load_header());
    view! {
        <Router>
            <a class="skip" href="#main">"Skip to the content"</a>
            <SiteHeader header />
            <main class="page" id="main" tabindex="-1">
                <Routes fallback=|| view! { <FallbackPage /> }>
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
            {island(Announcements {})}
        </Router>
    }
}
