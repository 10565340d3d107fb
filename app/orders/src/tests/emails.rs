//! E-mail addresses of all scripts.

use crate::email::EmailAddress;
use crate::testing::request;
use crate::{PaymentMethod, ProblemCode};

fn on_the_wire(text: &str) -> Option<String> {
    EmailAddress::parse(text).map(|address| address.on_the_wire())
}

#[test]
fn an_international_domain_goes_out_in_its_ascii_form() {
    for (typed, wire) in [
        ("ada@bücher.example", "ada@xn--bcher-kva.example"),
        ("Ada@BÜCHER.Example", "Ada@xn--bcher-kva.example"),
        ("ada@xn--bcher-kva.example", "ada@xn--bcher-kva.example"),
        ("用户@例え.jp", "用户@xn--r8jz45g.jp"),
        ("ada@例え。jp", "ada@xn--r8jz45g.jp"),
        ("δοκιμή@παράδειγμα.δοκιμή", "δοκιμή@xn--hxajbheg2az3al.xn--jxalpdlp"),
        ("ada@my_host.example.org", "ada@my_host.example.org"),
        ("o'hara+post@x.io", "o'hara+post@x.io"),
    ] {
        assert_eq!(on_the_wire(typed).as_deref(), Some(wire), "{typed}");
    }
}

#[test]
fn an_address_is_kept_as_it_was_typed() {
    for typed in ["用户@例え.jp", "ada@bücher.example", "Ada@BÜCHER.example"] {
        let mut order = request(PaymentMethod::Card);
        order.customer.email = format!(" {typed} ");
        assert_eq!(order.validate().expect("an ordinary address").customer.email, typed);
    }
}

#[test]
fn an_address_that_no_mail_server_accepts_is_refused() {
    let longest_local = "a".repeat(64);
    assert!(on_the_wire(&format!("{longest_local}@example.org")).is_some());
    let too_long_local = format!("{longest_local}a@example.org");
    // 33 letters, 66 octets.
    let too_many_octets = format!("{}@example.org", "ü".repeat(33));
    // 63 octets in each label are the most; 60 letters of this kind are more in their ASCII form.
    let too_long_label = format!("ada@{}.example", "ü例".repeat(30));
    let too_long = format!("{longest_local}@{}.example", vec!["b".repeat(60); 3].join("."));
    assert_eq!(too_long.len(), 255);
    assert!(on_the_wire(&too_long[1..]).is_some(), "one octet less fits");
    for wrong in [
        "ada",
        "@example.org",
        "ada@",
        "ada@org",
        "a@b@c.org",
        "ada@.org",
        "a@c..org",
        "ada@example.org.",
        "a b@c.org",
        "a\u{3000}b@c.org",
        "a\u{a0}b@c.org",
        "ada@exa mple.org",
        "ada@ex\u{3000}ample.org",
        "a,b@c.org",
        "a;b@c.org",
        "<ada@c.org>",
        "\"ada\"@c.org",
        "ada@c,d.org",
        "ada@xn--a.org",
        "ada@\u{ad}.org",
        "ada@example.org\r\nBcc: all@example.org",
        &too_long_local,
        &too_many_octets,
        &too_long_label,
        &too_long,
    ] {
        assert_eq!(on_the_wire(wrong), None, "{wrong}");
        let mut order = request(PaymentMethod::Card);
        order.customer.email = wrong.to_owned();
        let problem = order.validate().expect_err("no address");
        assert_eq!(problem.code, ProblemCode::ValidationFailed, "{wrong}");
        assert_eq!(problem.errors[0].pointer, "/customer/email");
    }
}

#[test]
fn all_spellings_of_an_address_have_the_same_search_key() {
    let keys = |ways: &[&str]| ways.iter().map(|way| EmailAddress::search_key(way)).collect::<Vec<_>>();
    for ways in [
        &["ada@bücher.example", "ADA@BÜCHER.example", "ada@xn--bcher-kva.example"][..],
        &["ÄDA@例え.jp", "äda@例え.JP", "äda@xn--r8jz45g.jp"][..],
    ] {
        let keys = keys(ways);
        assert!(keys.iter().all(|key| *key == keys[0]), "{keys:?}");
    }
    assert_eq!(EmailAddress::search_key("Ada@Example.ORG"), "ada@example.org", "as it always was");
    assert_eq!(EmailAddress::search_key("Ada@"), "ada@", "half an address finds nothing, and does no harm");
}
