//! E-mail addresses, also with letters that are not ASCII: before the `@` (RFC 6531) and in the domain (UTS 46).

use idna::uts46::{AsciiDenyList, DnsLength, Hyphens, Uts46};

/// The most octets that an address may have on the wire (RFC 5321, 4.5.3.1.3, without the angle brackets). In characters
/// it is never longer.
pub const LONGEST_EMAIL: usize = 254;
/// The most octets before the `@` (RFC 5321, 4.5.3.1.1).
const LONGEST_LOCAL_PART: usize = 64;
/// What stands in an address only between quotes, and in a list of addresses between them.
const SPECIAL: [char; 5] = [',', ';', '<', '>', '"'];

/// An e-mail address that a mail can be addressed to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EmailAddress {
    /// What stands before the `@`, as it was typed.
    local: String,
    /// The domain in its ASCII form, small letters.
    domain: String,
}

impl EmailAddress {
    /// Reads one. Whether it exists only a mail can tell.
    pub fn parse(text: &str) -> Option<Self> {
        let (local, domain) = text.split_once('@')?;
        let is_ordinary =
            |c: char| !c.is_control() && !c.is_whitespace() && !SPECIAL.contains(&c) && c != '@';
        if local.is_empty() || local.len() > LONGEST_LOCAL_PART || !local.chars().all(is_ordinary) {
            return None;
        }
        let uts46 = Uts46::new();
        // STD3 would refuse the underscore, which some domains have had from of old.
        let domain = uts46
            .to_ascii(domain.as_bytes(), ASCII_WITHOUT_MEANING, Hyphens::Allow, DnsLength::Verify)
            .ok()?;
        let domain = domain.into_owned();
        let parsed = Self { local: local.to_owned(), domain };
        (parsed.domain.contains('.') && parsed.on_the_wire().len() <= LONGEST_EMAIL).then_some(parsed)
    }

    /// What stands before the `@`.
    pub fn local(&self) -> &str {
        &self.local
    }

    /// The domain in its ASCII form: `xn--bcher-kva.example`.
    pub fn domain(&self) -> &str {
        &self.domain
    }

    /// The address as mail servers pass it on: the domain in ASCII, the rest as it was typed.
    pub fn on_the_wire(&self) -> String {
        format!("{}@{}", self.local, self.domain)
    }

    /// A text that is the same for all ways to write the address, for finding it.
    pub fn search_key(text: &str) -> String {
        match Self::parse(text) {
            Some(address) => format!("{}@{}", address.local.to_lowercase(), address.domain),
            None => text.to_lowercase(),
        }
    }
}

/// Everything but letters, figures, hyphen, dot and underscore.
const ASCII_WITHOUT_MEANING: AsciiDenyList = AsciiDenyList::new(true, "!\"#$%&'()*+,/:;<=>?@[\\]^`{|}~");
