//! Error pages.

use leptos::prelude::*;

use crate::page_error::PageError;
use crate::pages::title::PageTitle;

/// The page shown instead of one that failed to load.
#[component]
pub fn ErrorPage(error: PageError) -> impl IntoView {
    // An order of another customer is answered like one that does not exist.
    if error.status == 404 {
        return view! { <FallbackPage /> }.into_any();
    }
    view! {
        <PageTitle text=format!("{} · Docket", error.heading) />
        <div class="empty">
            <h1>{error.heading.clone()}</h1>
            <p>{error.body} " " {error.next_step}</p>
            <div class="row">
                <a class="button primary" href="">"Load the page again"</a>
                <a class="button" href=error.help>"What this means"</a>
            </div>
        </div>
    }
    .into_any()
}

/// The page of an unknown address, or of a refused form that was posted to it.
#[component]
pub fn FallbackPage() -> impl IntoView {
    match crate::ssr::submitted().and_then(|submitted| submitted.refused) {
        Some(refused) => view! { <RefusedPage error=refused.error /> }.into_any(),
        None => view! { <NotFoundPage /> }.into_any(),
    }
}

/// The page of a refused form that has no page of its own.
#[component]
fn RefusedPage(error: PageError) -> impl IntoView {
    view! {
        <PageTitle text=format!("{} · Docket", error.heading) />
        <div class="empty">
            <h1>{error.heading}</h1>
            <p>{error.body} " " {error.next_step}</p>
            <div class="row">
                <a class="button primary" href="/cart">"Go to your cart"</a>
                <a class="button" href="/orders">"Your orders"</a>
                <a class="button" href=error.help>"What this means"</a>
            </div>
        </div>
    }
}

#[component]
fn NotFoundPage() -> impl IntoView {
    view! {
        <PageTitle text="Nothing here · Docket" />
        <div class="empty">
            <h1>"There is nothing at this address"</h1>
            <p>
                "The link may be old, or the order may belong to another browser. Orders you sent are safe either way."
            </p>
            <div class="row">
                <a class="button primary" href="/">"Go to the shop"</a>
                <a class="button" href="/orders">"Your orders"</a>
            </div>
        </div>
    }
}

/// The page of a private link that opens no order: it was replaced, or it is incomplete.
#[component]
pub fn InvalidLinkPage() -> impl IntoView {
    view! {
        <PageTitle text="This link opens no order · Docket" />
        <div class="empty">
            <h1>"This link opens no order"</h1>
            <p>
                "It was replaced by a new one, or a part of it is missing. The order goes on all the same. Ask whoever sent \
                you the link for the one that works now."
            </p>
            <div class="row">
                <a class="button primary" href="/help/tracking">"About private links"</a>
                <a class="button" href="/orders">"Your orders"</a>
            </div>
        </div>
    }
}
