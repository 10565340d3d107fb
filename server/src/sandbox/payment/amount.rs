use super::refusal::Refusal;

/// Refuses what Stripe refuses: fractions of the króna and the Ugandan shilling, which have two unused decimals on
/// the wire, and a third decimal that is not zero.
pub fn check(amount: i64, currency: &str) -> Result<(), Refusal> {
    let step = match currency {
        "ISK" | "UGX" => 100,
        "BHD" | "JOD" | "KWD" | "OMR" | "TND" => 10,
        _ => 1,
    };
    if amount % step == 0 { Ok(()) } else { Err(Refusal::not_a_multiple(currency, step)) }
}

#[cfg(test)]
mod tests {
    use super::check;

    #[test]
    fn amounts_are_held_to_the_steps_of_their_currency() {
        for (amount, currency) in
            [(1, "EUR"), (1, "JPY"), (1245, "HUF"), (500, "ISK"), (500, "UGX"), (5120, "KWD")]
        {
            assert!(check(amount, currency).is_ok(), "{amount} {currency}");
        }
        for (amount, currency) in [(550, "ISK"), (5, "UGX"), (5124, "KWD")] {
            assert!(check(amount, currency).is_err(), "{amount} {currency}");
        }
    }
}
