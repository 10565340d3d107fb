//! Names and SKUs of variants: one t-shirt, red, in L.

/// Returns the name of a variant: `T-shirt – Red / L`.
pub(super) fn name(product: &str, options: &[&str]) -> String {
    if options.is_empty() { product.to_owned() } else { format!("{product} – {}", options.join(" / ")) }
}

/// Returns a SKU for a variant without one: `t-shirt-red-l`.
pub(super) fn sku(product: &str, options: &[&str]) -> String {
    let mut sku = product.to_owned();
    for option in options {
        let words = option.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
        for word in words {
            sku.push('-');
            sku.push_str(&word.to_lowercase());
        }
    }
    sku
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_variant_is_named_by_its_options() {
        assert_eq!(name("T-shirt", &["Red", "L"]), "T-shirt – Red / L");
        assert_eq!(name("Mug", &[]), "Mug");
        assert_eq!(sku("t-shirt", &["Dark red", "32/34"]), "t-shirt-dark-red-32-34");
        assert_eq!(sku("mug", &[]), "mug");
    }
}
