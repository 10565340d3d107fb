//! The dashboard and the alerts name only what is exported.

use serde_json::Value;

use super::{Series, exported, series};

const ALERTS: &str = include_str!("../alerts.yaml");
const DASHBOARD: &str = include_str!("../grafana-dashboard.json");

/// Labels that Prometheus adds to every series.
const TARGET_LABELS: [&str; 2] = ["instance", "job"];

/// A metric in a query with its label matchers: label, operator, value.
type Selector = (String, Vec<(String, String, String)>);

/// Returns the metrics that a PromQL expression selects: every name that is no function, keyword or label.
fn selectors(expression: &str) -> Vec<Selector> {
    const GROUPINGS: [&str; 6] = ["by", "without", "on", "ignoring", "group_left", "group_right"];
    const KEYWORDS: [&str; 12] =
        ["and", "or", "unless", "bool", "offset", "sum", "max", "min", "avg", "count", "topk", "bottomk"];
    let mut found: Vec<Selector> = Vec::new();
    let mut rest = expression;
    while let Some(first) = rest.chars().next() {
        let word: String =
            rest.chars().take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | ':' | '.')).collect();
        if word.is_empty() {
            rest = match first {
                '[' => rest.split_once(']').unwrap().1,
                '"' => rest[1..].split_once('"').unwrap().1,
                _ => &rest[first.len_utf8()..],
            };
            continue;
        }
        rest = rest[word.len()..].trim_start();
        if GROUPINGS.contains(&word.as_str()) {
            rest = rest.split_once(')').unwrap().1;
        } else if first.is_ascii_alphabetic() && !rest.starts_with('(') && !KEYWORDS.contains(&word.as_str())
        {
            let matchers = rest.strip_prefix('{').map_or("", |rest| rest.split_once('}').unwrap().0);
            rest = rest.strip_prefix('{').map_or(rest, |rest| rest.split_once('}').unwrap().1);
            found.push((word, matchers.split(", ").filter_map(matcher).collect()));
        }
    }
    found
}

fn matcher(text: &str) -> Option<(String, String, String)> {
    let (left, value) = text.split_once('"')?;
    let label = left.trim_end_matches(['=', '!', '~']);
    Some((label.to_owned(), left[label.len()..].to_owned(), value.trim_end_matches('"').to_owned()))
}

/// Asserts that an expression selects only exported series, with labels and values that they have.
fn assert_exported(expression: &str, series: &Series) {
    let found = selectors(expression);
    assert!(!found.is_empty(), "{expression} selects nothing");
    for (name, matchers) in found {
        let labels = series.get(&name).unwrap_or_else(|| panic!("{name} is not exported: {expression}"));
        for (label, operator, value) in matchers {
            if TARGET_LABELS.contains(&label.as_str()) {
                continue;
            }
            assert!(labels.iter().any(|(known, _)| *known == label), "{name} has no {label}: {expression}");
            // Requests have only the values that occurred, and a pattern is more than a list of values.
            let is_list = value.chars().all(|c| c.is_ascii_alphanumeric() || "_-|".contains(c));
            if label.starts_with("http_") || (operator.ends_with('~') && !is_list) {
                continue;
            }
            for value in value.split('|') {
                let known = labels.contains(&(label.clone(), value.to_owned()));
                assert!(known, "{name} has no {label} {value}: {expression}");
            }
        }
    }
}

#[test]
fn the_alerts_name_only_what_is_exported() {
    let series = series(&exported());
    let expressions: Vec<&str> =
        ALERTS.lines().filter_map(|line| line.trim().strip_prefix("expr: ")).collect();
    assert_eq!(
        expressions.len(),
        ALERTS.matches("- alert: ").count(),
        "each alert has its expression in a line"
    );
    expressions.iter().for_each(|expression| assert_exported(expression, &series));
}

#[test]
fn the_dashboard_names_only_what_is_exported() {
    let series = series(&exported());
    let dashboard: Value = serde_json::from_str(DASHBOARD).unwrap();
    let targets = dashboard["panels"].as_array().unwrap().iter();
    let targets: Vec<&Value> = targets.flat_map(|panel| panel["targets"].as_array()).flatten().collect();
    assert!(targets.len() > 20, "{}", targets.len());
    targets.iter().for_each(|target| assert_exported(target["expr"].as_str().unwrap(), &series));
    let variables = dashboard["templating"]["list"].as_array().unwrap().iter();
    for query in variables.filter_map(|variable| variable["query"]["query"].as_str()) {
        let (metric, _) = query.strip_prefix("label_values(").unwrap().split_once(',').unwrap();
        assert_exported(metric, &series);
    }
}

#[test]
fn the_names_in_an_expression_are_told_from_its_functions_and_labels() {
    let found =
        selectors(r#"sum by (le, a) (rate(b{c="d", e=~"f|g"}[5m])) / 1e3 > 0.5 and ignoring (h) i_total"#);
    let matchers = [("c", "=", "d"), ("e", "=~", "f|g")]
        .map(|(label, operator, value)| (label.to_owned(), operator.to_owned(), value.to_owned()));
    assert_eq!(found, [("b".to_owned(), matchers.to_vec()), ("i_total".to_owned(), Vec::new())]);
}

#[test]
#[should_panic(expected = "docket_orders_acepted_total is not exported")]
fn a_misspelt_metric_is_found() {
    assert_exported("rate(docket_orders_acepted_total[5m])", &series(&exported()));
}

#[test]
#[should_panic(expected = "docket_queue_jobs has no state open")]
fn a_label_value_that_never_occurs_is_found() {
    assert_exported(r#"docket_queue_jobs{state="open"} > 0"#, &series(&exported()));
}
