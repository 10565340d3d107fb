//! The page of a problem's `type`: what it means and how to correct it.

use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use orders::ProblemCode;

use crate::pages::error_page::error_page;
use crate::pages::title::PageTitle;

/// `/problems/{code}`
#[component]
pub fn ProblemPage() -> impl IntoView {
    let code = use_params_map().with_untracked(|params| params.get("code").unwrap_or_default());
    match ProblemCode::from_word(&code) {
        Some(code) => explanation(code),
        None => error_page(crate::ssr::not_found()),
    }
}

fn explanation(code: ProblemCode) -> AnyView {
    let words = code.words();
    let again = if code.retryable() { "Yes, the same request, a little later" } else { "Not unchanged" };
    let help = format!("/help/{}", code.as_str());
    view! {
        <PageTitle text=format!("{} · Docket", words.heading) />
        <nav class="crumbs" aria-label="You are here"><a href="/api/docs">"API"</a></nav>
        <article class="prose">
            <h1>{words.heading}</h1>
            <p>{words.body}</p>
            <p>{words.next_step}</p>
            <h2>"How to mend it"</h2>
            <p>{words.mend}</p>
            <dl class="facts">
                <div>
                    <dt>"Code"</dt>
                    <dd><code>{code.as_str()}</code></dd>
                </div>
                <div>
                    <dt>"Status"</dt>
                    <dd><code>{code.status().to_string()}</code></dd>
                </div>
                <div>
                    <dt>"Worth trying again"</dt>
                    <dd>{again}</dd>
                </div>
            </dl>
            <p class="soft programs">"Did this happen to you while shopping? " <a href=help>"Help for shoppers"</a></p>
        </article>
    }
    .into_any()
}
