//! The help pages.

use serde::{Deserialize, Serialize};

use crate::error::Trouble;

/// One line of the list of help pages.
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
    /// Its paragraphs.
    pub paragraphs: Vec<String>,
    /// How the author of a program mends it, and the problem it is about.
    pub problem: Option<ProblemFacts>,
}

/// What a program's author wants to know about a problem.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProblemFacts {
    /// Its code.
    pub code: String,
    /// Its HTTP status.
    pub status: u16,
    /// Whether the same request can work later.
    pub retryable: bool,
    /// How to mend it.
    pub mend: String,
}

/// The help pages that are not about a single problem.
pub async fn load_help_topics() -> Result<Vec<Topic>, Trouble> {
    let topics = orders::help::pages().into_iter().filter(|page| page.mend.is_none());
    let line = |paragraphs: &[&str]| {
        let first = paragraphs.first().copied().unwrap_or_default();
        first.split_inclusive(". ").next().unwrap_or_default().trim_end().to_owned()
    };
    let topic = |page: orders::help::HelpPage| Topic {
        slug: page.slug.to_owned(),
        title: page.title.to_owned(),
        line: line(&page.paragraphs),
    };
    Ok(topics.map(topic).collect())
}

/// One help page.
pub async fn load_help_article(slug: String) -> Result<Article, Trouble> {
    let page = orders::help::page(&slug).ok_or_else(crate::ssr::not_found)?;
    let code = orders::ProblemCode::from_word(page.slug);
    let facts = |mend: &str| ProblemFacts {
        code: page.slug.to_owned(),
        status: code.map_or(0, orders::ProblemCode::status),
        retryable: code.is_some_and(orders::ProblemCode::retryable),
        mend: mend.to_owned(),
    };
    Ok(Article {
        title: page.title.to_owned(),
        paragraphs: page.paragraphs.iter().map(|text| (*text).to_owned()).collect(),
        problem: page.mend.map(facts),
    })
}
