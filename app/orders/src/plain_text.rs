//! Text that people send, without the characters that nobody sees.
//!
//! Pasted text often carries invisible format characters by accident: those are removed. Characters that reorder the text
//! around them only serve to mislead (Unicode Technical Report 36, *Bidirectional Text Spoofing*): a text with one of them
//! is refused. The joiners and variation selectors that scripts and emoji are written with stay.

use std::borrow::Cow;

/// A text has a character that changes the direction of the text around it: an embedding, an override or an isolate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("Remove the invisible character that changes the direction of the text.")]
pub struct DirectionControl;

/// Returns the text without invisible format characters.
///
/// # Errors
/// When it has a [`DirectionControl`].
pub fn visible(text: &str) -> Result<Cow<'_, str>, DirectionControl> {
    if text.is_ascii() {
        return Ok(Cow::Borrowed(text));
    }
    if text.contains(is_direction_control) {
        return Err(DirectionControl);
    }
    if !text.contains(is_invisible) {
        return Ok(Cow::Borrowed(text));
    }
    let mut visible = String::with_capacity(text.len());
    let mut in_flag = false;
    for letter in text.chars() {
        // The flags of England, Scotland and Wales are a black flag followed by invisible tags.
        in_flag = letter == BLACK_FLAG || in_flag && is_tag(letter);
        match letter {
            LINE_SEPARATOR | PARAGRAPH_SEPARATOR => visible.push('\n'),
            _ if is_invisible(letter) && !in_flag => {}
            _ => visible.push(letter),
        }
    }
    Ok(Cow::Owned(visible))
}

/// Whether a [`visible`] text shows nothing: it has only blanks and joiners.
pub fn is_blank(text: &str) -> bool {
    let unseen = |letter: char| {
        letter.is_whitespace() || matches!(letter, '\u{200c}' | '\u{200d}' | '\u{fe00}'..='\u{fe0f}')
    };
    text.chars().all(unseen)
}

/// Whether the text has letters that are written from right to left, so that it must be isolated from the text around
/// it: Hebrew, Arabic, Syriac, Thaana, N'Ko and the other scripts that Unicode reserves these blocks for.
pub fn is_right_to_left(text: &str) -> bool {
    let of_script = |letter| matches!(letter, '\u{590}'..='\u{8ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{fefc}' | '\u{10800}'..='\u{10fff}' | '\u{1e800}'..='\u{1efff}');
    text.chars().any(of_script)
}

/// Returns the text for a place without markup, such as a title or the plain part of a mail: isolated (U+2068,
/// U+2069) when it has letters that are written from right to left, and unchanged otherwise. Characters that change
/// the direction of the text around them are removed.
pub fn isolated(text: &str) -> Cow<'_, str> {
    let text = if text.contains(is_direction_control) {
        Cow::Owned(text.replace(is_direction_control, ""))
    } else {
        Cow::Borrowed(text)
    };
    if is_right_to_left(&text) { Cow::Owned(format!("\u{2068}{text}\u{2069}")) } else { text }
}

const BLACK_FLAG: char = '\u{1f3f4}';
const LINE_SEPARATOR: char = '\u{2028}';
const PARAGRAPH_SEPARATOR: char = '\u{2029}';

fn is_direction_control(letter: char) -> bool {
    matches!(letter, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

fn is_tag(letter: char) -> bool {
    matches!(letter, '\u{e0020}'..='\u{e007f}')
}

/// Soft hyphen, direction marks, zero-width blanks, word joiners and mathematical operators, the byte order mark, filler
/// letters, annotations and tags.
fn is_invisible(letter: char) -> bool {
    matches!(
        letter,
        '\u{ad}'
            | '\u{61c}'
            | '\u{180e}'
            | '\u{200b}'
            | '\u{200e}'
            | '\u{200f}'
            | LINE_SEPARATOR
            | PARAGRAPH_SEPARATOR
            | '\u{2060}'..='\u{2064}'
            | '\u{206a}'..='\u{206f}'
            | '\u{3164}'
            | '\u{feff}'
            | '\u{ffa0}'
            | '\u{fff9}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e007f}'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_with_direction_controls_is_refused() {
        for control in "\u{202a}\u{202b}\u{202c}\u{202d}\u{202e}\u{2066}\u{2067}\u{2068}\u{2069}".chars() {
            assert_eq!(visible(&format!("Ada{control}nozamA")), Err(DirectionControl), "{control:?}");
        }
    }

    #[test]
    fn invisible_characters_of_a_pasted_text_are_removed() {
        for unseen in "\u{ad}\u{61c}\u{180e}\u{200b}\u{200e}\u{200f}\u{2060}\u{2064}\u{206f}\u{3164}\u{feff}\u{ffa0}\u{fffb}\u{e0041}".chars()
        {
            assert_eq!(visible(&format!("{unseen}A{unseen}da")).unwrap(), "Ada", "{unseen:?}");
        }
        assert_eq!(visible("one\u{2028}two").unwrap(), "one\ntwo");
    }

    #[test]
    fn joiners_of_scripts_and_emoji_are_kept() {
        for text in [
            "Ada",
            "نیم\u{200c}فاصله",
            "क्\u{200d}ष",
            "👩\u{200d}🚀",
            "❤\u{fe0f}",
            "\u{1f3f4}\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f}",
            "e\u{301}",
            "עדה",
        ] {
            assert_eq!(visible(text).unwrap(), text);
        }
    }

    #[test]
    fn a_text_of_joiners_and_blanks_is_blank() {
        assert!(is_blank("\u{200d} \u{200c}\u{fe0f}\u{a0}"));
        assert!(!is_blank("\u{200d}a"));
    }

    #[test]
    fn only_right_to_left_text_is_isolated() {
        assert_eq!(isolated("Ada"), "Ada");
        assert_eq!(isolated("用户"), "用户");
        assert_eq!(isolated("עדה"), "\u{2068}עדה\u{2069}");
        assert_eq!(isolated("آدا Ada"), "\u{2068}آدا Ada\u{2069}");
        assert_eq!(isolated("mug\u{202e}gum"), "muggum");
    }
}
