//! The help pages, and the pages about problems.

use orders::ProblemCode;
use orders::help::{CHAPTERS, Page, page, topic};
use serde::{Deserialize, Serialize};

use crate::page_error::PageError;

/// A chapter of the list of help pages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Chapter {
    /// Its title.
    pub title: String,
    /// Its pages.
    pub topics: Vec<Topic>,
}

/// An entry of the list of help pages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Topic {
    /// The last part of its address.
    pub slug: String,
    /// Its title.
    pub title: String,
    /// Its first sentence.
    pub line: String,
}

/// One help page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Article {
    /// Its title.
    pub title: String,
    /// What happens.
    pub paragraphs: Vec<String>,
    /// Whether money moved.
    pub money: Option<String>,
    /// What to do next.
    pub next: String,
    /// Related pages.
    pub related: Vec<Topic>,
    /// The code of its problem.
    pub problem: Option<String>,
}

/// A problem, for the author of a program.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Explanation {
    /// Its title.
    pub title: String,
    /// What it means for people, and their next step.
    pub paragraphs: Vec<String>,
    /// How to correct it.
    pub mend: String,
    /// Its code.
    pub code: String,
    /// Its HTTP status.
    pub status: u16,
    /// Whether the same request can succeed later.
    pub retryable: bool,
}

/// Returns all pages for shoppers.
pub async fn load_help() -> Result<Vec<Chapter>, PageError> {
    let chapter = |chapter: &orders::help::Chapter| Chapter {
        title: chapter.title.to_owned(),
        topics: chapter.topics.iter().map(topic_entry).collect(),
    };
    Ok(CHAPTERS.iter().map(chapter).collect())
}

/// Returns one help page.
pub async fn load_help_article(slug: String) -> Result<Article, PageError> {
    let problem = ProblemCode::from_word(&slug).map(|code| code.as_str().to_owned());
    Ok(match page(&slug).ok_or_else(crate::ssr::not_found)? {
        Page::Topic(topic) => Article {
            title: topic.title.to_owned(),
            paragraphs: topic.happens.iter().map(|text| (*text).to_owned()).collect(),
            money: topic.money.map(str::to_owned),
            next: topic.next.to_owned(),
            related: topic.also.iter().filter_map(|slug| self::topic(slug)).map(topic_entry).collect(),
            problem,
        },
        Page::Problem(code) => {
            let words = code.words();
            Article {
                title: words.heading.to_owned(),
                paragraphs: vec![words.body.to_owned()],
                money: None,
                next: words.next_step.to_owned(),
                related: Vec::new(),
                problem,
            }
        }
    })
}

/// Returns one problem.
pub async fn load_explanation(code: String) -> Result<Explanation, PageError> {
    let code = ProblemCode::from_word(&code).ok_or_else(crate::ssr::not_found)?;
    let words = code.words();
    Ok(Explanation {
        title: words.heading.to_owned(),
        paragraphs: vec![words.body.to_owned(), words.next_step.to_owned()],
        mend: words.mend.to_owned(),
        code: code.as_str().to_owned(),
        status: code.status(),
        retryable: code.retryable(),
    })
}

fn topic_entry(topic: &orders::help::Topic) -> Topic {
    let first = topic.happens.first().copied().unwrap_or_default();
    let line = first.split_inclusive(". ").next().unwrap_or_default().trim_end();
    Topic { slug: topic.slug.to_owned(), title: topic.title.to_owned(), line: line.to_owned() }
}
