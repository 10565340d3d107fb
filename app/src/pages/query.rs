//! Addresses with a query.

use std::fmt::Write as _;

/// Returns the path with the parameters that have a value.
pub fn address(path: &str, parameters: &[(&str, &str)]) -> String {
    let mut address = path.to_owned();
    let mut mark = '?';
    for (name, value) in parameters.iter().filter(|(_, value)| !value.is_empty()) {
        address.push(mark);
        mark = '&';
        address.push_str(name);
        address.push('=');
        for byte in value.bytes() {
            if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~') {
                address.push(char::from(byte));
            } else {
                // Writing to a String cannot fail.
                let _ = write!(address, "%{byte:02X}");
            }
        }
    }
    address
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn empty_parameters_are_left_out_and_values_are_escaped() {
        assert_eq!(address("/", &[("query", ""), ("category", "")]), "/");
        let query = [("query", "a&b=ü"), ("category", "Paper & Ink")];
        assert_eq!(address("/", &query), "/?query=a%26b%3D%C3%BC&category=Paper%20%26%20Ink");
    }
}
