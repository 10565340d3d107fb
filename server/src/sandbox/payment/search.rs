use super::refusal::Refusal;

/// Returns the order in `metadata['order_id']:'…'`, the one search that this service supports. Both kinds of quotes
/// are valid, see <https://docs.stripe.com/search#search-query-language>.
pub fn searched_order(query: &str) -> Result<&str, Refusal> {
    let wrong = || {
        Refusal::unsuitable("query", "This sandbox searches by metadata['order_id']:'…' and by nothing else.")
    };
    let (field, value) = query.trim().split_once(':').ok_or_else(wrong)?;
    let name = field.strip_prefix("metadata[").and_then(|rest| rest.strip_suffix(']')).ok_or_else(wrong)?;
    match (unquoted(name), unquoted(value)) {
        (Some("order_id"), Some(order)) => Ok(order),
        _ => Err(wrong()),
    }
}

fn unquoted(text: &str) -> Option<&str> {
    ['\'', '"'].into_iter().find_map(|quote| {
        let inner = text.strip_prefix(quote)?.strip_suffix(quote)?;
        (!inner.contains(['\'', '"', '\\'])).then_some(inner)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_search_names_its_order_in_either_quotes() {
        assert_eq!(searched_order("metadata['order_id']:'ord_1'").unwrap(), "ord_1");
        assert_eq!(searched_order(r#"metadata["order_id"]:"ord_1""#).unwrap(), "ord_1");
    }

    #[test]
    fn any_other_search_is_refused() {
        for wrong in
            ["", "status:'x'", "metadata['sku']:'a'", "metadata['order_id']:ord_1", "'", "metadata[']:'"]
        {
            assert!(searched_order(wrong).is_err(), "{wrong}");
        }
    }
}
