//! The help pages.

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;

use crate::pages::trouble::TroublePage;
use crate::server_fns::help::{Article, Topic, load_help_article, load_help_topics};

/// `/help`
#[component]
pub fn HelpPage() -> impl IntoView {
    let topics = Resource::new(|| (), |()| load_help_topics());
    let topic = |Topic { slug, title, line }: Topic| {
        view! {
            <li>
                <a href=format!("/help/{slug}")>
                    <strong>{title}</strong>
                    <span>{line}</span>
                </a>
            </li>
        }
    };
    view! {
        <Title text="Help · Docket" />
        <div class="page-head"><h1>"Help"</h1></div>
        <Suspense>
            {move || Suspend::new(async move {
                match topics.await {
                    Ok(topics) => {
                        view! { <ul class="topics">{topics.into_iter().map(topic).collect_view()}</ul> }.into_any()
                    }
                    Err(trouble) => view! { <TroublePage trouble /> }.into_any(),
                }
            })}
        </Suspense>
    }
}

/// `/help/{topic}`
#[component]
pub fn TopicPage() -> impl IntoView {
    let slug = use_params_map().with_untracked(|params| params.get("topic").unwrap_or_default());
    let article = Resource::new(move || slug.clone(), load_help_article);
    view! {
        <Suspense>
            {move || Suspend::new(async move {
                match article.await {
                    Ok(article) => view! { <Text article /> }.into_any(),
                    Err(trouble) => view! { <TroublePage trouble /> }.into_any(),
                }
            })}
        </Suspense>
    }
}

#[component]
fn Text(article: Article) -> impl IntoView {
    let Article { title, paragraphs, problem } = article;
    let programs = problem.map(|problem| {
        let page = format!("/problems/{}", problem.code);
        view! {
            <p class="soft">
                "Are you writing a program? "
                <a href=page>"How to mend " {problem.code}</a>
            </p>
        }
    });
    view! {
        <Title text=format!("{title} · Help · Docket") />
        <nav class="crumbs" aria-label="You are here"><a href="/help">"Help"</a></nav>
        <article class="prose">
            <h1>{title}</h1>
            {paragraphs.into_iter().map(|text| view! { <p>{text}</p> }).collect_view()}
            <p class="next">"Next: " <a href="/orders">"look at your orders"</a> "."</p>
            {programs}
        </article>
    }
}
