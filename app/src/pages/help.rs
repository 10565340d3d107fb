//! The help pages.

use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use orders::ProblemCode;
use orders::help::{CHAPTERS, Chapter, Page, Topic, page, topic};

use crate::pages::error_page::error_page;
use crate::pages::title::PageTitle;

/// `/help`
#[component]
pub fn HelpPage() -> impl IntoView {
    view! {
        <PageTitle text="Help · Docket" />
        <div class="page-head"><h1>"Help"</h1></div>
        <div class="chapters">{CHAPTERS.iter().map(chapter).collect_view()}</div>
        <p class="soft programs">
            "Are you writing a program? " <a href="/api/docs">"The API and its problems"</a>
        </p>
    }
}

fn chapter(chapter: &Chapter) -> impl IntoView {
    view! {
        <section>
            <h2>{chapter.title}</h2>
            <ul class="topics">{chapter.topics.iter().map(entry).collect_view()}</ul>
        </section>
    }
}

/// A topic with its first sentence.
fn entry(topic: &Topic) -> impl IntoView {
    let first = topic.happens.first().copied().unwrap_or_default();
    let line = first.split_inclusive(". ").next().unwrap_or_default().trim_end();
    view! {
        <li>
            <a href=format!("/help/{}", topic.slug)>
                <strong>{topic.title}</strong>
                <span>{line.to_owned()}</span>
            </a>
        </li>
    }
}

/// `/help/{topic}`
#[component]
pub fn TopicPage() -> impl IntoView {
    let slug = use_params_map().with_untracked(|params| params.get("topic").unwrap_or_default());
    match page(&slug) {
        Some(page) => article(&page, ProblemCode::from_word(&slug)),
        None => error_page(crate::ssr::not_found()),
    }
}

fn article(page: &Page, problem: Option<ProblemCode>) -> AnyView {
    let (title, paragraphs, money, next, also) = match page {
        Page::Topic(topic) => (topic.title, topic.happens.to_vec(), topic.money, topic.next, topic.also),
        Page::Problem(code) => {
            let words = code.words();
            (words.heading, vec![words.body], None, words.next_step, &[][..])
        }
    };
    let money = money.map(|money| {
        view! {
            <h2>"Your money"</h2>
            <p>{money}</p>
        }
    });
    let link = |topic: &Topic| view! { <li><a href=format!("/help/{}", topic.slug)>{topic.title}</a></li> };
    let related = (!also.is_empty()).then(|| {
        view! {
            <nav aria-labelledby="also">
                <h2 id="also">"See also"</h2>
                <ul>{also.iter().filter_map(|slug| topic(slug)).map(link).collect_view()}</ul>
            </nav>
        }
    });
    let programs = problem.map(|code| {
        let code = code.as_str();
        view! {
            <p class="soft programs">
                "Are you writing a program? "
                <a href=format!("/problems/{code}")>"How to mend " {code}</a>
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
    .into_any()
}
