//! Descriptions in HTML as plain text.

/// Returns the text of HTML in paragraphs, without tags, styles, scripts and link addresses.
pub(super) fn to_text(html: &str) -> String {
    let text = nanohtml2text::html2text(&without_links(html)).replace('\u{a0}', " ");
    let mut paragraphs: Vec<String> = Vec::new();
    let mut is_new = true;
    for line in text.lines() {
        let line = line.split_whitespace().collect::<Vec<_>>().join(" ");
        match paragraphs.last_mut() {
            _ if line.is_empty() => is_new = true,
            Some(paragraph) if !is_new => {
                paragraph.push('\n');
                paragraph.push_str(&line);
            }
            _ => {
                paragraphs.push(line);
                is_new = false;
            }
        }
    }
    paragraphs.join("\n\n")
}

/// Returns HTML without the tags of links, whose addresses would otherwise be written out.
fn without_links(html: &str) -> String {
    let mut text = String::with_capacity(html.len());
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        let tag = &rest[at + 1..];
        let name = tag.strip_prefix('/').unwrap_or(tag);
        let is_link =
            name.starts_with(['a', 'A']) && name[1..].starts_with(|c: char| c.is_whitespace() || c == '>');
        match tag.find('>').filter(|_| is_link) {
            Some(end) => {
                text.push_str(&rest[..at]);
                rest = &tag[end + 1..];
            }
            None => {
                text.push_str(&rest[..=at]);
                rest = tag;
            }
        }
    }
    text + rest
}

#[cfg(test)]
mod tests {
    use super::to_text;

    #[test]
    fn a_description_keeps_its_words_and_paragraphs_and_nothing_of_its_markup() {
        let html = "<meta charset='utf-8'><style>p{color:red}</style><p>A <strong>blue</strong> mug &amp; saucer,\n  \
                    caf&eacute; size.</p><ul><li>Stoneware</li><li>350&nbsp;ml</li></ul><script>alert(1)</script>\
                    <p>See our <a href=\"https://example.org/sizes\">sizes</a>.</p>";
        let text = to_text(html);
        assert!(text.starts_with("A blue mug & saucer, café size.\n\nStoneware\n350 ml"), "{text:?}");
        assert!(text.ends_with("See our sizes."), "{text:?}");
        for markup in ["<", "alert", "color", "example.org"] {
            assert!(!text.contains(markup), "{text:?}");
        }
    }

    #[test]
    fn plain_text_and_broken_markup_are_read_as_they_are() {
        assert_eq!(to_text("Two lines\nof text, 5 < 6"), "Two lines of text, 5 < 6");
        assert_eq!(to_text("<a href=x"), "<a href=x");
        assert_eq!(to_text(""), "");
        assert_eq!(to_text("<abbr>Mr</abbr> <b>A"), "Mr A");
    }
}
