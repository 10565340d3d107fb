//! E-mail addresses, also with letters that are not ASCII: before the `@` (RFC 6531) and in the domain (UTS 46).

use idna::uts46::{AsciiDenyList, DnsLength, Hyphens, Uts46};

/// The most octets that an address may have on the wire (RFC 5321, 4.5.3.1.3, without the angle brackets). In characters
/// it is never longer.
pub const LONGEST_EMAIL: usize = 254;
/// The most octets before the `@` (RFC 5321, 4.5.3.1.1).
const LONGEST_LOCAL_PART: usize = 64;
/// Characters that an address may only have in quotes, and that separate addresses in a list.
const SPECIAL: [char; 5] = [',', ';', '<', '>', '"'];

/// A valid e-mail address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EmailAddress {
    /// The part before the `@`, as it was typed.
    local: String,
    /// The domain in its ASCII form, in lower case.
    domain: String,
}

impl EmailAddress {
    /// Parses an address. Whether it exists, only a mail can tell.
    pub fn parse(text: &str) -> Option<Self> {
        let (local, domain) = text.split_once('@')?;
        let is_ordinary =
            |c: char| !c.is_control() && !c.is_whitespace() && !SPECIAL.contains(&c) && c != '@';
        if local.is_empty() || local.len() > LONGEST_LOCAL_PART || !local.chars().all(is_ordinary) {
            return None;
        }
        let uts46 = Uts46::new();
        // STD3 refuses the underscore, which some old domains have.
        let domain = uts46
            .to_ascii(domain.as_bytes(), ASCII_WITHOUT_MEANING, Hyphens::Allow, DnsLength::Verify)
            .ok()?;
        let domain = domain.into_owned();
        let parsed = Self { local: local.to_owned(), domain };
        (parsed.domain.contains('.') && parsed.on_the_wire().len() <= LONGEST_EMAIL).then_some(parsed)
    }

    /// The part before the `@`.
    pub fn local(&self) -> &str {
        &self.local
    }

    /// The domain in its ASCII form: `xn--bcher-kva.example`.
    pub fn domain(&self) -> &str {
        &self.domain
    }

    /// The address as mail servers exchange it: the domain in ASCII, the rest as it was typed.
    pub fn on_the_wire(&self) -> String {
        format!("{}@{}", self.local, self.domain)
    }

    /// Returns the same text for all spellings of an address, for searching.
    pub fn search_key(text: &str) -> String {
        match Self::parse(text) {
            Some(address) => format!("{}@{}", address.local.to_lowercase(), address.domain),
            None => text.to_lowercase(),
        }
    }
}

/// Everything but letters, digits, hyphen, dot and underscore.
const ASCII_WITHOUT_MEANING: AsciiDenyList = AsciiDenyList::new(true, "!\"#$%&'()*+,/:;<=>?@[\\]^`{|}~");
