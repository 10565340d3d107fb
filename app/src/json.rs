//! Reads the JSON that the server writes: objects, lists, texts, whole numbers, yes and no, and words of an enum.
//!
//! `serde_json` reads more, and it says where and why a text cannot be read. A browser downloads that for nothing: there
//! an answer that cannot be read comes from another version of the site, and nobody reads why.

use std::borrow::Cow;
use std::fmt::{self, Display};

use serde::de::{
    DeserializeOwned, DeserializeSeed, Deserializer, EnumAccess, Error, IntoDeserializer, MapAccess,
    SeqAccess, VariantAccess, Visitor,
};

/// The value that a text is. None when it is no such value.
pub fn read<T: DeserializeOwned>(text: &str) -> Option<T> {
    let mut reader = Reader { text, at: 0 };
    let value = T::deserialize(&mut reader).ok()?;
    reader.peek().is_none().then_some(value)
}

/// A text cannot be read. Why does not matter.
#[derive(Debug)]
struct Unreadable;

type Read<T> = Result<T, Unreadable>;

impl Error for Unreadable {
    fn custom<T: Display>(_: T) -> Self {
        Self
    }
}

impl std::error::Error for Unreadable {}

impl Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not what was expected")
    }
}

struct Reader<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> Reader<'t> {
    fn byte(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    /// The byte after the blanks.
    fn peek(&mut self) -> Option<u8> {
        while matches!(self.byte(), Some(b' ' | b'\n' | b'\r' | b'\t')) {
            self.at += 1;
        }
        self.byte()
    }

    fn take(&mut self, wanted: u8) -> Read<()> {
        let found = self.peek() == Some(wanted);
        self.at += usize::from(found);
        if found { Ok(()) } else { Err(Unreadable) }
    }

    fn since(&self, start: usize) -> Read<&'t str> {
        self.text.get(start..self.at).ok_or(Unreadable)
    }

    /// `true`, `null`, `-12`.
    fn word(&mut self) -> Read<&'t str> {
        self.peek();
        let start = self.at;
        while self.byte().is_some_and(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte)) {
            self.at += 1;
        }
        self.since(start)
    }

    fn number(&mut self) -> Read<i64> {
        self.word()?.parse().map_err(|_| Unreadable)
    }

    fn string(&mut self) -> Read<Cow<'t, str>> {
        self.take(b'"')?;
        let mut read = Cow::Borrowed("");
        loop {
            let start = self.at;
            while !matches!(self.byte().ok_or(Unreadable)?, b'"' | b'\\') {
                self.at += 1;
            }
            read += self.since(start)?;
            self.at += 1;
            if self.text.as_bytes()[self.at - 1] == b'"' {
                return Ok(read);
            }
            read.to_mut().push(self.escaped()?);
        }
    }

    /// What comes after a backslash.
    fn escaped(&mut self) -> Read<char> {
        let escaped = self.byte().ok_or(Unreadable)?;
        self.at += 1;
        Ok(match escaped {
            b'"' | b'\\' | b'/' => char::from(escaped),
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => match self.unit()? {
                high @ 0xd800..0xdc00 if self.text[self.at..].starts_with("\\u") => {
                    self.at += 2;
                    let low =
                        self.unit()?.checked_sub(0xdc00).filter(|low| *low < 0x400).ok_or(Unreadable)?;
                    char::from_u32(0x1_0000 + ((high - 0xd800) << 10) + low)
                }
                unit => char::from_u32(unit),
            }
            .ok_or(Unreadable)?,
            _ => return Err(Unreadable),
        })
    }

    fn unit(&mut self) -> Read<u32> {
        let start = self.at;
        self.at += 4;
        let digits = self.since(start)?;
        u32::from_str_radix(digits, 16).map_err(|_| Unreadable)
    }

    /// Passes over a value that nobody asked for.
    fn skip(&mut self) -> Read<()> {
        let mut depth = 0_u32;
        loop {
            match self.peek().ok_or(Unreadable)? {
                b'{' | b'[' => (depth, self.at) = (depth + 1, self.at + 1),
                b'}' | b']' => (depth, self.at) = (depth.checked_sub(1).ok_or(Unreadable)?, self.at + 1),
                b'"' => drop(self.string()?),
                b',' | b':' if depth > 0 => self.at += 1,
                _ if self.word()?.is_empty() => return Err(Unreadable),
                _ => {}
            }
            if depth == 0 {
                return Ok(());
            }
        }
    }
}

/// The values of a list or an object, one after the other.
struct Items<'a, 't> {
    reader: &'a mut Reader<'t>,
    end: u8,
    first: bool,
}

impl<'a, 't> Items<'a, 't> {
    fn of(reader: &'a mut Reader<'t>, begin: u8, end: u8) -> Read<Self> {
        reader.take(begin)?;
        Ok(Self { reader, end, first: true })
    }

    fn another(&mut self) -> Read<bool> {
        if self.reader.peek() == Some(self.end) {
            self.reader.at += 1;
            return Ok(false);
        }
        if !std::mem::replace(&mut self.first, false) {
            self.reader.take(b',')?;
        }
        Ok(true)
    }
}

impl<'de> SeqAccess<'de> for Items<'_, 'de> {
    type Error = Unreadable;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Read<Option<T::Value>> {
        if self.another()? { seed.deserialize(&mut *self.reader).map(Some) } else { Ok(None) }
    }
}

impl<'de> MapAccess<'de> for Items<'_, 'de> {
    type Error = Unreadable;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Read<Option<K::Value>> {
        if self.another()? { seed.deserialize(&mut *self.reader).map(Some) } else { Ok(None) }
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Read<V::Value> {
        self.reader.take(b':')?;
        seed.deserialize(&mut *self.reader)
    }
}

/// `{"Word":value}`
impl<'de> EnumAccess<'de> for Items<'_, 'de> {
    type Error = Unreadable;
    type Variant = Self;

    fn variant_seed<V: DeserializeSeed<'de>>(mut self, seed: V) -> Read<(V::Value, Self)> {
        let word = self.next_key_seed(seed)?.ok_or(Unreadable)?;
        Ok((word, self))
    }
}

impl<'de> VariantAccess<'de> for Items<'_, 'de> {
    type Error = Unreadable;

    fn unit_variant(self) -> Read<()> {
        Err(Unreadable)
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(mut self, seed: T) -> Read<T::Value> {
        let value = self.next_value_seed(seed)?;
        self.reader.take(self.end)?;
        Ok(value)
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, _: V) -> Read<V::Value> {
        Err(Unreadable)
    }

    fn struct_variant<V: Visitor<'de>>(self, _: &'static [&'static str], _: V) -> Read<V::Value> {
        Err(Unreadable)
    }
}

/// Methods that all do the same.
macro_rules! read_as {
    ($($method:ident($($ignored:ty),*))* => |$reader:ident, $visitor:ident| $body:expr) => {$(
        fn $method<V: Visitor<'de>>(self, $(_: $ignored,)* $visitor: V) -> Read<V::Value> {
            let $reader = self;
            $body
        }
    )*};
}

type Names = &'static [&'static str];

impl<'de> Deserializer<'de> for &mut Reader<'de> {
    type Error = Unreadable;

    read_as! { deserialize_str() deserialize_string() deserialize_identifier()
    => |reader, visitor| visitor.visit_str(&reader.string()?) }
    read_as! { deserialize_i8() deserialize_i16() deserialize_i32() deserialize_i64()
    deserialize_u8() deserialize_u16() deserialize_u32() deserialize_u64()
    => |reader, visitor| visitor.visit_i64(reader.number()?) }
    read_as! { deserialize_seq() deserialize_tuple(usize) deserialize_tuple_struct(&'static str, usize)
    => |reader, visitor| visitor.visit_seq(Items::of(reader, b'[', b']')?) }
    read_as! { deserialize_map() deserialize_struct(&'static str, Names)
    => |reader, visitor| visitor.visit_map(Items::of(reader, b'{', b'}')?) }
    read_as! { deserialize_newtype_struct(&'static str)
    => |reader, visitor| visitor.visit_newtype_struct(reader) }
    read_as! { deserialize_bool() => |reader, visitor| match reader.word()? {
        "true" => visitor.visit_bool(true),
        "false" => visitor.visit_bool(false),
        _ => Err(Unreadable),
    } }
    read_as! { deserialize_option() => |reader, visitor| {
        if reader.peek() != Some(b'n') {
            return visitor.visit_some(reader);
        }
        if reader.word()? == "null" { visitor.visit_none() } else { Err(Unreadable) }
    } }
    read_as! { deserialize_enum(&'static str, Names) => |reader, visitor| match reader.peek() {
        Some(b'"') => visitor.visit_enum(reader.string()?.into_deserializer()),
        _ => visitor.visit_enum(Items::of(reader, b'{', b'}')?),
    } }
    read_as! { deserialize_ignored_any() => |reader, visitor| {
        reader.skip()?;
        visitor.visit_unit()
    } }
    read_as! { deserialize_any() deserialize_bytes() deserialize_byte_buf() deserialize_char()
    deserialize_f32() deserialize_f64() deserialize_unit() deserialize_unit_struct(&'static str)
    => |_reader, _visitor| Err(Unreadable) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Trouble;
    use crate::outcome::{Done, Outcome, Refused};
    use crate::testing::received;

    use orders::{
        Event, ExpectedBy, Letter, MailRefused, Moment, Problem, ProblemCode, Reason, Shipment, StepName,
    };

    #[test]
    fn what_the_server_writes_is_read() {
        let (mut order, event) = received(1);
        let now = Moment { at: order.created_at, public_url: "http://localhost" };
        let started = order.start_step(StepName::ReserveStock, now).unwrap();
        let cancelled = order.cancel(Reason::Customer, now).unwrap().unwrap();
        for event in [event, started, cancelled] {
            let pretty = serde_json::to_string_pretty(&event).unwrap();
            assert_eq!(read::<Event>(&pretty), Some(event));
        }
        let text = str::to_owned;
        let shipment =
            |it: String| Shipment { carrier: it.clone(), tracking_number: it.clone(), tracking_url: it };
        (order.shipment, order.note) = (Some(shipment(text("\"é\""))), Some(text("\n")));
        order.problem = Some(Problem::new(ProblemCode::CardDeclined));
        order.respond_by = Some(order.created_at);
        order.mail_refused =
            Some(MailRefused { mail: Letter::NeedsYou, status: Some(550), at: order.created_at });
        let mut corrected = Event::snapshot(order.clone());
        corrected.data.customer = Some(order.customer.clone());
        let written = serde_json::to_string(&corrected).unwrap();
        assert_eq!(read::<Event>(&written), Some(corrected));
        order.expected_by = Some(ExpectedBy { usual: order.created_at, late: order.created_at });
        assert_eq!(read(&serde_json::to_string(&order).unwrap()).as_ref(), Some(&order));
        let done = Done {
            next: "/".to_owned(),
            cart: Some(Vec::new()),
            order: Some(Box::new(order)),
            said: Some(text("é")),
        };
        for outcome in [Outcome::Done(done), Outcome::Refused(Refused::from(Trouble::kept()))] {
            let text = serde_json::to_string(&outcome).unwrap();
            let again = read::<Outcome>(&text).map(|outcome| serde_json::to_string(&outcome).unwrap());
            assert_eq!(again, Some(text));
        }
    }

    #[test]
    fn every_character_is_read_however_it_is_written() {
        let all: String = (0..0x1_1000).filter_map(char::from_u32).collect();
        assert_eq!(read::<String>(&serde_json::to_string(&all).unwrap()), Some(all));
        assert_eq!(read(r#""\u0041\/\ud83d\ude80\b\f""#), Some("A/🚀\u{8}\u{c}".to_owned()));
    }

    #[test]
    fn what_nobody_asked_for_is_passed_over() {
        let text = r#" {"new":{"a":[1,"]}\"",null,-2.5e3],"b":{}},"status":7,"heading":"","body":"","next_step":"",
            "help":"","more":true} "#;
        assert_eq!(read::<Trouble>(text), Some(Trouble::new(7, "", "", "", "")));
    }

    #[test]
    fn anything_else_is_not_read() {
        for text in [
            "", "[", "[1", "[1,", "[1,]", "[,1]", "[1 2]", "[1] 2", "{}", "null", "[null]", "[1.5]",
            "[\"1\"]",
        ] {
            assert_eq!(read::<Vec<u32>>(text), None, "{text}");
        }
        for text in ["4294967296", "-1", "1e2", "one"] {
            assert_eq!(read::<u32>(text), None, "{text}");
        }
        for text in
            [r#"""#, r#""\"#, r#""\x""#, r#""\u12""#, r#""\ud800""#, r#""\ud800\u0041""#, r#""\u00é""#]
        {
            assert_eq!(read::<String>(text), None, "{text}");
        }
        for text in [r#"{"x":]}"#, r#"{"x":}"#, r#"{"x":[}"#, r#"{"x":[1}"#, r#"{"x""#] {
            assert_eq!(read::<Trouble>(text), None, "{text}");
        }
    }
}
