//! Card numbers are refused wherever text can be written: who never holds one cannot lose one.

/// Whether a text holds 13 to 19 digits that pass the Luhn check; blanks and dashes between digits do not hide them.
pub(crate) fn looks_like_card_number(text: &str) -> bool {
    let mut digits = Vec::new();
    for c in text.chars().chain(std::iter::once('.')) {
        match c.to_digit(10) {
            Some(digit) => digits.push(digit),
            None if matches!(c, ' ' | '-' | '\u{a0}' | '–') => {}
            None => {
                if any_card_in(&digits) {
                    return true;
                }
                digits.clear();
            }
        }
    }
    false
}

/// A run of digits may be longer than the number it hides ("2 4242 4242 …"), but only up to the longest number it is judged
/// as a whole: arbitrary windows of a long run would refuse one honest number in ten.
fn any_card_in(digits: &[u32]) -> bool {
    (13..=19).contains(&digits.len()) && luhn(digits)
}

fn luhn(digits: &[u32]) -> bool {
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(place, digit)| match (place % 2, digit * 2) {
            (0, _) => *digit,
            (_, doubled) if doubled > 9 => doubled - 9,
            (_, doubled) => doubled,
        })
        .sum();
    sum % 10 == 0 && digits.iter().any(|digit| *digit != 0)
}

#[cfg(test)]
mod tests {
    use super::looks_like_card_number as card;

    #[test]
    fn card_numbers_are_seen_through_blanks_and_dashes() {
        assert!(card("4242424242424242"));
        assert!(card("my card 4242 4242-4242 4242, thank you"));
        assert!(card("378282246310005"));
    }

    #[test]
    fn other_numbers_are_not_card_numbers() {
        assert!(!card("4242424242424241"));
        assert!(!card("+39 0382 123456"));
        assert!(!card("0000000000000000"));
        assert!(!card("pm_card_visa"));
        assert!(!card("order 12, house 4, postcode 27100"));
    }
}
