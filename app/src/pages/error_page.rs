//! Error pages.

use leptos::prelude::*;

use crate::outcome::Refused;
use crate::page_error::PageError;
use crate::pages::title::PageTitle;

/// The address and the label of a link.
type Link<'a> = (&'a str, &'a str);

const SHOP: Link<'_> = ("/", "Go to the shop");
const ORDERS: Link<'_> = ("/orders", "Your orders");

/// The page shown instead of one that failed to load.
pub fn error_page(error: PageError) -> AnyView {
    // An order of another customer is answered like one that does not exist.
    if error.status == 404 {
        return view! { <FallbackPage /> }.into_any();
    }
    about(&error, &[("", "Load the page again"), (&error.help, "What this means")])
}

/// The page of an unknown address, or of a refused form that was posted to it.
#[component]
pub fn FallbackPage() -> impl IntoView {
    match crate::ssr::submitted().and_then(|submitted| submitted.refused) {
        Some(Refused { error, .. }) => {
            about(&error, &[("/cart", "Go to your cart"), ORDERS, (&error.help, "What this means")])
        }
        None => message(
            "Nothing here",
            "There is nothing at this address",
            "The link may be old, or the order may belong to another browser. Orders you sent are safe either way.",
            &[SHOP, ORDERS],
        ),
    }
}

/// The page of a private link that opens no order: it was replaced, or it is incomplete.
#[component]
pub fn InvalidLinkPage() -> impl IntoView {
    message(
        "This link opens no order",
        "This link opens no order",
        "It was replaced by a new one, or a part of it is missing. The order goes on all the same. Ask whoever sent \
         you the link for the one that works now.",
        &[("/help/tracking", "About private links"), ORDERS],
    )
}

fn about(error: &PageError, links: &[Link<'_>]) -> AnyView {
    message(&error.heading, &error.heading, &format!("{} {}", error.body, error.next_step), links)
}

/// A page of one message, of whose links the first is the primary one.
fn message(title: &str, heading: &str, text: &str, links: &[Link<'_>]) -> AnyView {
    let link = |(at, (href, label)): (usize, &Link<'_>)| {
        let class = if at == 0 { "button primary" } else { "button" };
        view! { <a class=class href=(*href).to_owned()>{(*label).to_owned()}</a> }
    };
    view! {
        <PageTitle text=format!("{title} · Docket") />
        <div class="empty">
            <h1>{heading.to_owned()}</h1>
            <p>{text.to_owned()}</p>
            <div class="row">{links.iter().enumerate().map(link).collect_view()}</div>
        </div>
    }
    .into_any()
}
