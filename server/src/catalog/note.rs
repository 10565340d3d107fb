//! Notes about what an import leaves out, adjusts or cannot know.

use std::collections::BTreeMap;

/// A kind of note.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Note {
    /// A product that is a draft, archived, or not published.
    LeftOutUnpublished,
    /// A gift card.
    LeftOutGiftCard,
    /// A product that is not shipped: virtual or downloadable.
    LeftOutVirtual,
    /// A group of products, which are products themselves, or a product of another shop.
    LeftOutGrouped,
    /// A product with variations, none of which is in the file.
    LeftOutWithoutVariations,
    /// Headings repeated between the rows.
    RepeatedHeadings,
    /// A product whose stock the file does not count.
    StockNotCounted,
    /// A product with a negative stock.
    StockBelowZero,
    /// A product without a SKU, for which one was generated.
    SkuMade,
    /// A product without a category.
    NoCategory,
    /// A description that was shortened.
    DescriptionCut,
    /// A picture on another site.
    PictureElsewhere,
    /// A product at its sale price.
    SalePrice,
    /// A sale price that is limited in time.
    SaleForATime,
}

impl Note {
    /// Returns the sentence for this many.
    pub fn words(self, count: usize) -> String {
        let (s, is, it) = if count == 1 { ("", "is", "it") } else { ("s", "are", "they") };
        match self {
            Self::LeftOutUnpublished => {
                format!("{count} product{s} {is} left out: {it} {is} a draft, archived or not published.")
            }
            Self::LeftOutGiftCard => format!("{count} gift card{s} {is} left out: there is nothing to send."),
            Self::LeftOutVirtual => {
                format!(
                    "{count} product{s} {is} left out: virtual or downloadable, there is nothing to send."
                )
            }
            Self::LeftOutGrouped => {
                format!("{count} product{s} {is} left out: a group of others, or sold by another shop.")
            }
            Self::LeftOutWithoutVariations => {
                format!(
                    "{count} product{s} {is} left out: none of the variations to choose from is in the file."
                )
            }
            Self::RepeatedHeadings => format!("The headings stand between the rows {count} more time{s}."),
            Self::StockNotCounted => format!(
                "{count} product{s} ha{} no stock in the file: known ones keep theirs, new ones begin sold out unless \
                 --uncounted-stock says how many there are.",
                if count == 1 { "s" } else { "ve" }
            ),
            Self::StockBelowZero => format!("{count} product{s} with a stock below zero {is} sold out."),
            Self::SkuMade => format!(
                "{count} product{s} without a SKU got one made of the handle or number and the options."
            ),
            Self::NoCategory => {
                format!("{count} product{s} without a category: new ones are listed under Other.")
            }
            Self::DescriptionCut => {
                format!("{count} description{s} {is} longer than 2,000 characters and {is} cut.")
            }
            Self::PictureElsewhere => format!(
                "{count} picture{s} {is} on another site, which pages do not load: known products keep their picture, new ones \
                 show a drawn placeholder."
            ),
            Self::SalePrice => format!("{count} product{s} {is} at the sale price."),
            Self::SaleForATime => format!(
                "{count} sale price{s} with a first or last day {is} not used: Docket has no calendar of prices, the regular \
                 price counts."
            ),
        }
    }
}

/// The number of notes of each kind.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Notes(BTreeMap<Note, usize>);

impl Notes {
    pub(super) fn add(&mut self, note: Note) {
        self.add_many(note, 1);
    }

    pub(super) fn add_many(&mut self, note: Note, count: usize) {
        if count > 0 {
            *self.0.entry(note).or_default() += count;
        }
    }

    /// Returns each kind and its number.
    pub fn iter(&self) -> impl Iterator<Item = (Note, usize)> {
        self.0.iter().map(|(note, count)| (*note, *count))
    }

    /// Returns the number of one kind.
    pub fn count(&self, note: Note) -> usize {
        self.0.get(&note).copied().unwrap_or_default()
    }

    /// Returns all notes as sentences.
    pub fn sentences(&self) -> Vec<String> {
        self.iter().map(|(note, count)| note.words(count)).collect()
    }
}
