//! Decodes the bytes of a file. The encoding is recognised by a byte order mark, by its byte pattern, or by
//! chardetng.

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};

use super::error::CatalogError;

/// Other file formats that people send by mistake, by their first bytes.
const OTHER_FORMATS: [(&[u8], &str); 5] = [
    (b"PK\x03\x04", "an Excel or OpenDocument workbook"),
    (b"\xD0\xCF\x11\xE0", "an Excel workbook"),
    (b"%PDF", "a PDF document"),
    (b"\x1F\x8B", "a compressed file"),
    (b"{\\rtf", "a text document"),
];
/// How many bytes are examined to recognise UTF-16 without a byte order mark.
const SAMPLE_BYTES: usize = 4_096;

/// Returns the text of a file, and its encoding.
pub(super) fn decode(
    bytes: &[u8],
    given: Option<&'static Encoding>,
) -> Result<(String, &'static Encoding), CatalogError> {
    if let Some((_, kind)) = OTHER_FORMATS.iter().find(|(start, _)| bytes.starts_with(start)) {
        return Err(CatalogError::OtherFormat(kind));
    }
    let encoding = given.unwrap_or_else(|| recognise(bytes));
    let (text, malformed) = encoding.decode_with_bom_removal(bytes);
    if malformed {
        return Err(CatalogError::Undecodable(encoding.name()));
    }
    if text.contains('\0') {
        return Err(CatalogError::OtherFormat("no text"));
    }
    if is_markup(&text) {
        return Err(CatalogError::OtherFormat("a web page or an XML document"));
    }
    Ok((text.replace("\r\n", "\n").replace('\r', "\n"), encoding))
}

fn recognise(bytes: &[u8]) -> &'static Encoding {
    if let Some((encoding, _)) = Encoding::for_bom(bytes) {
        return encoding;
    }
    if let Some(encoding) = utf_16(bytes) {
        return encoding;
    }
    if std::str::from_utf8(bytes).is_ok() {
        return UTF_8;
    }
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(bytes, true);
    detector.guess(None, Utf8Detection::Deny)
}

/// Recognises UTF-16 by the zeros in one half of its byte pairs: delimiters, digits and line breaks have them in
/// every language.
fn utf_16(bytes: &[u8]) -> Option<&'static Encoding> {
    let sample = &bytes[..bytes.len().min(SAMPLE_BYTES)];
    let zeros = |half: usize| sample.iter().skip(half).step_by(2).filter(|byte| **byte == 0).count();
    let (first, second) = (zeros(0), zeros(1));
    let some = (sample.len() / 20).max(2);
    match (first >= some, second >= some) {
        (true, false) => Some(UTF_16BE),
        (false, true) => Some(UTF_16LE),
        _ => None,
    }
}

fn is_markup(text: &str) -> bool {
    let start: String = text.trim_start().chars().take(9).collect::<String>().to_ascii_lowercase();
    ["<!doctype", "<html", "<table", "<?xml"].iter().any(|tag| start.starts_with(tag))
}

#[cfg(test)]
mod tests {
    use encoding_rs::{SHIFT_JIS, WINDOWS_1250, WINDOWS_1251, WINDOWS_1252};

    use super::*;

    const TEXT: &str = "sku;name;price\ntasse;Große Tasse – für 2 €;12,50\n";

    fn utf_16(text: &str, big: bool, mark: bool) -> Vec<u8> {
        let units = mark.then_some(0xFEFF).into_iter().chain(text.encode_utf16());
        units.flat_map(|unit| if big { unit.to_be_bytes() } else { unit.to_le_bytes() }).collect()
    }

    #[test]
    fn a_file_is_read_in_every_encoding_that_excel_writes() {
        let with_mark = [b"\xEF\xBB\xBF", TEXT.as_bytes()].concat();
        let (windows, _, _) = WINDOWS_1252.encode(TEXT);
        for (bytes, encoding) in [
            (TEXT.as_bytes().to_vec(), UTF_8),
            (with_mark, UTF_8),
            (utf_16(TEXT, false, true), UTF_16LE),
            (utf_16(TEXT, true, true), UTF_16BE),
            (utf_16(TEXT, false, false), UTF_16LE),
            (utf_16(TEXT, true, false), UTF_16BE),
            (windows.into_owned(), WINDOWS_1252),
        ] {
            assert_eq!(decode(&bytes, None), Ok((TEXT.to_owned(), encoding)), "{}", encoding.name());
        }
    }

    #[test]
    fn a_file_from_other_countries_is_read_in_the_encoding_of_its_windows() {
        for (text, encoding) in [
            ("sku,name\nhrnek,Modrý hrneček na čaj\nlžíce,Dřevěná lžíce a příbor\n", WINDOWS_1250),
            ("sku,name\nm1,Синяя кружка для чая\nm2,Деревянная ложка\n", WINDOWS_1251),
            ("sku,name\nm1,青いマグカップ\nm2,木のスプーン\n", SHIFT_JIS),
        ] {
            let (bytes, _, _) = encoding.encode(text);
            assert_eq!(decode(&bytes, None), Ok((text.to_owned(), encoding)), "{}", encoding.name());
        }
    }

    #[test]
    fn an_encoding_that_is_given_is_used() {
        let (bytes, _, _) = WINDOWS_1250.encode("Łódź");
        assert_eq!(decode(&bytes, Some(WINDOWS_1250)).unwrap().0, "Łódź");
        assert_eq!(decode(&bytes, Some(UTF_8)), Err(CatalogError::Undecodable("UTF-8")));
    }

    #[test]
    fn line_breaks_of_every_system_are_read() {
        assert_eq!(decode(b"a\r\nb\rc\nd", None).unwrap().0, "a\nb\nc\nd");
    }

    #[test]
    fn a_file_that_is_no_table_of_text_is_named() {
        for bytes in [
            &b"PK\x03\x04rest"[..],
            b"\xD0\xCF\x11\xE0rest",
            b"%PDF-1.7",
            b"\x1F\x8B\x08",
            b"\x00\x01\x02\x03\x00\x00",
            b"<!DOCTYPE html><table>",
            b"<?xml version=\"1.0\"?>",
        ] {
            assert!(matches!(decode(bytes, None), Err(CatalogError::OtherFormat(_))), "{bytes:?}");
        }
    }
}
