//! The page that a problem's `type` opens: what it means and how to mend it.

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;

use crate::pages::trouble::{Nothing, TroublePage};
use crate::server_fns::help::{Article, load_help_article};

/// `/problems/{code}`
#[component]
pub fn ProblemPage() -> impl IntoView {
    let code = use_params_map().with_untracked(|params| params.get("code").unwrap_or_default());
    let article = Resource::new(move || code.clone(), load_help_article);
    view! {
        <Suspense>
            {move || Suspend::new(async move {
                match article.await {
                    Ok(article) => view! { <Explained article /> }.into_any(),
                    Err(trouble) => view! { <TroublePage trouble /> }.into_any(),
                }
            })}
        </Suspense>
    }
}

#[component]
fn Explained(article: Article) -> impl IntoView {
    let Article { title, paragraphs, problem } = article;
    let Some(problem) = problem else { return view! { <Nothing /> }.into_any() };
    let again = if problem.retryable { "Yes, the same request, a little later" } else { "Not unchanged" };
    view! {
        <Title text=format!("{title} · Docket") />
        <nav class="crumbs" aria-label="You are here"><a href="/help">"Help"</a></nav>
        <article class="prose">
            <h1>{title}</h1>
            {paragraphs.into_iter().map(|text| view! { <p>{text}</p> }).collect_view()}
            <h2>"How to mend it"</h2>
            <p>{problem.mend}</p>
            <dl class="facts">
                <div>
                    <dt>"Code"</dt>
                    <dd><code>{problem.code}</code></dd>
                </div>
                <div>
                    <dt>"Status"</dt>
                    <dd><code>{problem.status.to_string()}</code></dd>
                </div>
                <div>
                    <dt>"Worth trying again"</dt>
                    <dd>{again}</dd>
                </div>
            </dl>
        </article>
    }
    .into_any()
}
