//! Recognises card numbers, so that every text field can refuse them. What is never stored cannot leak.

const LENGTHS: std::ops::RangeInclusive<usize> = 13..=19;

/// Whether a text holds 13 to 19 digits that pass the Luhn check; blanks and dashes between digits are ignored.
///
/// Other digits may stand beside the number, as in "4242 4242 4242 4242 12/28", so every run of neighbouring groups
/// is checked. A group is never split: a part of a long harmless number passes the check one time in ten.
pub fn looks_like_card_number(text: &str) -> bool {
    // Most texts have too few digits.
    if text.bytes().filter(u8::is_ascii_digit).count() < *LENGTHS.start() {
        return false;
    }
    let is_joint = |c: char| c.is_whitespace() || matches!(c, '-' | '\u{2010}'..='\u{2015}' | '\u{2212}');
    text.split(|c: char| !c.is_ascii_digit() && !is_joint(c)).any(|row| {
        let groups: Vec<&str> = row.split(is_joint).filter(|group| !group.is_empty()).collect();
        (0..groups.len()).any(|first| begins_with_card(&groups[first..]))
    })
}

/// Whether the first group, alone or joined with those after it, is a card number.
fn begins_with_card(groups: &[&str]) -> bool {
    let mut digits = String::new();
    for group in groups {
        digits.push_str(group);
        if digits.len() > *LENGTHS.end() {
            return false;
        }
        if LENGTHS.contains(&digits.len()) && passes_luhn(&digits) {
            return true;
        }
    }
    false
}

fn passes_luhn(digits: &str) -> bool {
    let values = digits.bytes().rev().map(|digit| u32::from(digit - b'0'));
    let sum: u32 = values
        .enumerate()
        .map(|(place, digit)| if place % 2 == 0 { digit } else { digit * 2 / 10 + digit * 2 % 10 })
        .sum();
    // A row of zeros passes the check and is not a card number.
    sum > 0 && sum.is_multiple_of(10)
}

#[cfg(test)]
mod tests {
    use super::looks_like_card_number as card;

    #[test]
    fn card_numbers_are_found_with_blanks_and_dashes() {
        assert!(card("4242424242424242"));
        assert!(card("my card 4242 4242-4242 4242, thank you"));
        assert!(card("4242\u{a0}4242\u{2011}4242\u{2013}4242"));
        assert!(card("4242 - 4242\n4242 4242"));
        assert!(card("378282246310005"));
    }

    #[test]
    fn card_numbers_of_every_length_are_found() {
        for number in ["4222222222222", "36227206271667", "5555555555554444", "6304000000000000000"] {
            assert!(card(number), "{number}");
        }
        assert!(!card("422222222222"), "twelve digits are too few");
        assert!(!card("42424242424242424242"), "twenty digits are too many");
    }

    #[test]
    fn digits_beside_a_card_number_do_not_hide_it() {
        assert!(card("4242 4242 4242 4242 12/28"));
        assert!(card("2 4242424242424242"));
        assert!(card("house 7 - 4242 4242 4242 4242 - 123"));
        assert!(card("+39 0382 123456, 4242424242424242"));
    }

    #[test]
    fn other_numbers_are_not_card_numbers() {
        assert!(!card("4242424242424241"));
        assert!(!card("+39 0382 123456"));
        assert!(!card("0000000000000000"));
        assert!(!card("pm_card_visa"));
        assert!(!card("order 12, house 4, postcode 27100"));
        assert!(!card(""));
    }
}
