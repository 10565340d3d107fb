//! The page of a problem's `type`: what it means and how to correct it.

use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

use crate::pages::error_page::ErrorPage;
use crate::pages::title::PageTitle;
use crate::server_fns::help::{Explanation, load_explanation};

/// `/problems/{code}`
#[component]
pub fn ProblemPage() -> impl IntoView {
    let code = use_params_map().with_untracked(|params| params.get("code").unwrap_or_default());
    let explanation = Resource::new(move || code.clone(), load_explanation);
    view! {
        <Suspense>
            {move || Suspend::new(async move {
                match explanation.await {
                    Ok(explanation) => view! { <ExplanationText explanation /> }.into_any(),
                    Err(error) => view! { <ErrorPage error /> }.into_any(),
                }
            })}
        </Suspense>
    }
}

#[component]
fn ExplanationText(explanation: Explanation) -> impl IntoView {
    let Explanation { title, paragraphs, mend, code, status, retryable } = explanation;
    let again = if retryable { "Yes, the same request, a little later" } else { "Not unchanged" };
    let help = format!("/help/{code}");
    view! {
        <PageTitle text=format!("{title} · Docket") />
        <nav class="crumbs" aria-label="You are here"><a href="/api/docs">"API"</a></nav>
        <article class="prose">
            <h1>{title}</h1>
            {paragraphs.into_iter().map(|text| view! { <p>{text}</p> }).collect_view()}
            <h2>"How to mend it"</h2>
            <p>{mend}</p>
            <dl class="facts">
                <div>
                    <dt>"Code"</dt>
                    <dd><code>{code}</code></dd>
                </div>
                <div>
                    <dt>"Status"</dt>
                    <dd><code>{status.to_string()}</code></dd>
                </div>
                <div>
                    <dt>"Worth trying again"</dt>
                    <dd>{again}</dd>
                </div>
            </dl>
            <p class="soft programs">"Did this happen to you while shopping? " <a href=help>"Help for shoppers"</a></p>
        </article>
    }
}
