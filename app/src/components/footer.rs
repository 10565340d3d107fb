//! The bottom of every page, and what is said there about the connection.

use leptos::prelude::*;
use orders::Timestamp;

use crate::components::header::HeaderResource;
use crate::components::time::{Form, Time};
use crate::live::Live;

/// The bottom of every page.
#[component]
pub fn SiteFooter(header: HeaderResource) -> impl IntoView {
    view! {
        <footer class="site-footer">
            <div class="bar">
                <a href="/help">"Help"</a>
                <a href="/orders">"Your orders"</a>
                <a href="/api/docs" rel="external">"API"</a>
                <Suspense>
                    {move || Suspend::new(async move {
                        let sandbox = header.await.is_ok_and(|header| header.sandbox);
                        sandbox.then(|| view! { <p>"Sandbox: no money moves here."</p> })
                    })}
                </Suspense>
            </div>
        </footer>
    }
    .into_any()
}

/// The one live region, and the words about a lost connection.
#[component]
pub fn Announcements() -> impl IntoView {
    let live = Live::expect();
    let lost = move || live.lost_since().map(Timestamp::from_millis);
    view! {
        <p class="unseen" role="status" id="announcer">{move || live.said()}</p>
        <div class="connection" hidden=move || lost().is_none()>
            {move || {
                lost().map(|since| {
                    view! {
                        <p>
                            "Showing the status from " <Time at=since form=Form::Clock />
                            ". Reconnecting. Your order goes on without this page."
                        </p>
                    }
                })
            }}
        </div>
    }
}
