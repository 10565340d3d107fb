//! `docket check`

use std::path::PathBuf;

use clap::Args;

use super::process::Failure;
use crate::config::{Sources, StoreConfig};
use crate::store::sqlite::{Finding, check};

#[derive(Debug, Args)]
pub(super) struct Command {
    /// A copy of a database, such as a backup; by default the database of the settings
    file: Option<PathBuf>,
}

pub(super) fn run(command: Command, sources: &Sources) -> Result<(), Failure> {
    let file = match command.file {
        Some(file) => file,
        None => StoreConfig::read(sources)?.file,
    };
    let mut violations = 0;
    let summary = check(&file, |finding| {
        violations += finding.count();
        print(&finding);
    })?;
    let orders: Vec<String> =
        summary.orders.iter().map(|(state, orders)| format!("{orders} {state}")).collect();
    let orders = if orders.is_empty() { "none".to_owned() } else { orders.join(", ") };
    println!("Orders: {orders}. Jobs in quarantine: {}.", summary.quarantined);
    match violations {
        0 => Ok(()),
        1 => Err("one thing is not as it must be.".into()),
        many => Err(format!("{many} things are not as they must be.").into()),
    }
}

fn print(finding: &Finding) {
    let verdict = if finding.is_good() { "ok   " } else { "WRONG" };
    let rule = finding.rule;
    println!("{verdict}  {} {}: {}", finding.checked, rule.subject(), rule.sentence());
    for violation in &finding.violations {
        println!("       {violation}");
    }
    if finding.more > 0 {
        println!("       and {} more", finding.more);
    }
}
