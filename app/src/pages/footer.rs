//! The footer of every page.

use leptos::prelude::*;

use crate::pages::header::HeaderResource;

#[component]
pub fn SiteFooter(header: HeaderResource) -> impl IntoView {
    view! {
        <footer class="site-footer">
            <div class="bar">
                <a href="/help">"Help"</a>
                <a href="/orders">"Your orders"</a>
                <a href="/api/docs">"API"</a>
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
