//! The help pages.

use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

use crate::pages::error_page::ErrorPage;
use crate::pages::title::PageTitle;
use crate::server_fns::help::{Article, Chapter, Topic, load_help, load_help_article};

/// `/help`
#[component]
pub fn HelpPage() -> impl IntoView {
    let chapters = Resource::new(|| (), |()| load_help());
    view! {
        <PageTitle text="Help · Docket" />
        <div class="page-head"><h1>"Help"</h1></div>
        <Suspense>
            {move || Suspend::new(async move {
                match chapters.await {
                    Ok(chapters) => {
                        view! { <div class="chapters">{chapters.into_iter().map(chapter).collect_view()}</div> }
                            .into_any()
                    }
                    Err(error) => view! { <ErrorPage error /> }.into_any(),
                }
            })}
        </Suspense>
        <p class="soft programs">
            "Are you writing a program? " <a href="/api/docs">"The API and its problems"</a>
        </p>
    }
}

fn chapter(Chapter { title, topics }: Chapter) -> impl IntoView {
    view! {
        <section>
            <h2>{title}</h2>
            <ul class="topics">{topics.into_iter().map(topic).collect_view()}</ul>
        </section>
    }
}

fn topic(Topic { slug, title, line }: Topic) -> impl IntoView {
    view! {
        <li>
            <a href=format!("/help/{slug}")>
                <strong>{title}</strong>
                <span>{line}</span>
            </a>
        </li>
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
                    Ok(article) => view! { <ArticleText article /> }.into_any(),
                    Err(error) => view! { <ErrorPage error /> }.into_any(),
                }
            })}
        </Suspense>
    }
}

#[component]
fn ArticleText(article: Article) -> impl IntoView {
    let Article { title, paragraphs, money, next, related, problem } = article;
    let money = money.map(|money| {
        view! {
            <h2>"Your money"</h2>
            <p>{money}</p>
        }
    });
    let link =
        |Topic { slug, title, .. }: Topic| view! { <li><a href=format!("/help/{slug}")>{title}</a></li> };
    let related = (!related.is_empty()).then(|| {
        view! {
            <nav aria-labelledby="also">
                <h2 id="also">"See also"</h2>
                <ul>{related.into_iter().map(link).collect_view()}</ul>
            </nav>
        }
    });
    let programs = problem.map(|code| {
        let page = format!("/problems/{code}");
        view! {
            <p class="soft programs">
                "Are you writing a program? "
                <a href=page>"How to mend " {code}</a>
            </p>
        }
    });
    view! {
        <PageTitle text=format!("{title} · Help · Docket") />
        <nav class="crumbs" aria-label="You are here"><a href="/help">"Help"</a></nav>
        <article class="prose">
            <h1>{title}</h1>
            {paragraphs.into_iter().map(|text| view! { <p>{text}</p> }).collect_view()}
            {money}
            <h2>"What to do now"</h2>
            <p>{next}</p>
            <p class="row"><a class="button" href="/orders">"Your orders"</a></p>
            {related}
            {programs}
        </article>
    }
}
