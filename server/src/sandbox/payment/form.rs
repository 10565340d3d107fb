use super::refusal::Refusal;

/// Form-encoded parameters, `metadata[order_id]=…` and `expand[]=…` included.
#[derive(Debug, Default)]
pub struct Form(Vec<(String, String)>);

impl Form {
    pub fn parse(encoded: &[u8]) -> Form {
        let mut pairs: Vec<(String, String)> = form_urlencoded::parse(encoded).into_owned().collect();
        // The order of the parameters does not make another request.
        pairs.sort();
        Form(pairs)
    }

    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    pub fn require(&self, name: &'static str) -> Result<&str, Refusal> {
        self.get(name).filter(|value| !value.is_empty()).ok_or_else(|| Refusal::missing(name))
    }

    /// Returns a positive number of minor units.
    pub fn amount(&self, name: &'static str) -> Result<Option<i64>, Refusal> {
        self.get(name)
            .map(|value| {
                let amount = value.parse().map_err(|_| Refusal::not_an_integer(name, value))?;
                if amount > 0 { Ok(amount) } else { Err(Refusal::too_small(name)) }
            })
            .transpose()
    }

    /// Whether this part of the answer is expanded.
    pub fn expands(&self, part: &str) -> bool {
        self.0.iter().any(|(name, value)| name.starts_with("expand[") && value == part)
    }

    /// Returns everything that was requested, for the fingerprint.
    pub fn parts(&self) -> Vec<&str> {
        self.0.iter().flat_map(|(name, value)| [name.as_str(), value.as_str()]).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_reads_nested_names_as_they_are_written_on_the_wire() {
        let form = Form::parse(b"metadata%5Border_id%5D=ord_1&amount=250&expand[]=latest_charge&expand[1]=x");
        assert_eq!(form.get("metadata[order_id]"), Some("ord_1"));
        assert_eq!(form.amount("amount").unwrap(), Some(250));
        assert!(form.expands("latest_charge") && form.expands("x") && !form.expands("y"));
    }

    #[test]
    fn amounts_that_are_no_positive_whole_numbers_are_refused() {
        for wrong in ["0", "-1", "1.5", "", "abc", "99999999999999999999"] {
            assert!(Form::parse(format!("amount={wrong}").as_bytes()).amount("amount").is_err(), "{wrong}");
        }
    }

    #[test]
    fn the_order_of_the_parameters_does_not_matter() {
        assert_eq!(Form::parse(b"a=1&b=2").parts(), Form::parse(b"b=2&a=1").parts());
    }
}
