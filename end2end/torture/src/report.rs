//! The output: progress, a table, and the file with recorded results.

use std::fmt::{self, Write as _};
use std::fs;
use std::io::{self, Write as _};
use std::path::Path;
use std::time::Duration;

use crate::experiment::{Ending, Experiment, Scale};

/// How many violations of one experiment are printed; the rest is counted.
const TOLD: usize = 20;

/// Results so far.
#[derive(Debug)]
pub struct Report {
    seed: u64,
    scale: Scale,
    machine: String,
    rows: Vec<Row>,
}

#[derive(Debug)]
struct Row {
    name: &'static str,
    pass: &'static str,
    verdict: &'static str,
    told: String,
    facts: Vec<(String, String)>,
    took: Duration,
}

/// Prints one line.
pub fn say(line: impl fmt::Display) {
    let mut out = io::stdout().lock();
    // A closed output is no reason to stop.
    drop(writeln!(out, "{line}").and_then(|()| out.flush()));
}

impl Report {
    /// Returns an empty report.
    pub fn new(seed: u64, scale: Scale, machine: String) -> Self {
        Self { seed, scale, machine, rows: Vec::new() }
    }

    /// Returns seed, scale and machine.
    pub fn headline(&self) -> String {
        let scale = match self.scale {
            Scale::Slice => "slice",
            Scale::Usual => "usual",
            Scale::Full => "full",
        };
        format!("seed {} · {scale} size · {}", self.seed, self.machine)
    }

    /// Prints how an experiment ended, and adds it.
    pub fn add(&mut self, experiment: &Experiment, ending: Ending, took: Duration) {
        let (verdict, told) = match &ending {
            Ending::Passed(findings) => ("passed", findings.told()),
            Ending::Failed(findings) => {
                let count = findings.violations.len();
                ("FAILED", format!("{count} violations · {}", findings.told()))
            }
            Ending::Skipped(why) => ("skipped", why.clone()),
            Ending::Broken(why) => ("BROKEN", why.clone()),
        };
        say(format_args!("      {verdict} in {:.0} s: {told}", took.as_secs_f64()));
        if let Ending::Failed(findings) = &ending {
            for violation in findings.violations.iter().take(TOLD) {
                say(format_args!("      ! {violation}"));
            }
            if findings.violations.len() > TOLD {
                say(format_args!("      ! and {} more", findings.violations.len() - TOLD));
            }
            if let Some(folder) = &findings.left_in {
                say(format_args!("      everything is left in {}", folder.display()));
            }
        }
        let facts = match ending {
            Ending::Passed(findings) | Ending::Failed(findings) => findings.facts,
            Ending::Skipped(_) | Ending::Broken(_) => Vec::new(),
        };
        self.rows.push(Row { name: experiment.name, pass: experiment.pass, verdict, told, facts, took });
    }

    /// Whether nothing failed. Skipped experiments do not count.
    pub fn is_good(&self) -> bool {
        self.count("FAILED") + self.count("BROKEN") == 0
    }

    /// Prints the table.
    pub fn print(&self) {
        say(format_args!(
            "\n{:<18} {:<8} {:>7} {:>12} {:>6} {:>8} {:>6}",
            "experiment", "verdict", "seconds", "acknowledged", "lost", "doubled", "stuck"
        ));
        for row in &self.rows {
            let [acknowledged, lost, doubled, stuck] =
                ["acknowledged", "lost", "doubled", "stuck"].map(|name| row.sum(name));
            let (name, verdict, seconds) = (row.name, row.verdict, row.took.as_secs());
            say(format_args!(
                "{name:<18} {verdict:<8} {seconds:>7} {acknowledged:>12} {lost:>6} {doubled:>8} {stuck:>6}"
            ));
        }
        let failed = self.count("FAILED") + self.count("BROKEN");
        let (passed, skipped) = (self.count("passed"), self.count("skipped"));
        say(format_args!(
            "experiments: {passed} passed, {failed} failed, {skipped} skipped; {}",
            self.headline()
        ));
    }

    /// Inserts the table above those in the file.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn record(&self, file: &Path) -> io::Result<()> {
        let before = fs::read_to_string(file).unwrap_or_default();
        let (head, tables) = match before.find("\n## ") {
            Some(place) => before.split_at(place + 1),
            None => (before.as_str(), ""),
        };
        fs::write(file, format!("{}\n\n{}\n{tables}", head.trim_end(), self.table()))
    }

    fn table(&self) -> String {
        let mut table = format!(
            "## {}\n\n| experiment | passes when | result | figures |\n|---|---|---|---|\n",
            self.headline()
        );
        for row in &self.rows {
            let told = row.told.replace('|', "/").replace('\n', " ");
            let took = row.took.as_secs_f64();
            // Writing to a String cannot fail.
            let _ =
                writeln!(table, "| {} | {} | {} in {took:.0} s | {told} |", row.name, row.pass, row.verdict);
        }
        table
    }

    fn count(&self, verdict: &str) -> usize {
        self.rows.iter().filter(|row| row.verdict == verdict).count()
    }
}

impl Row {
    /// Returns the sum of a measurement over all parts of the experiment; a dash without any.
    fn sum(&self, name: &str) -> String {
        let parts = self.facts.iter().filter(|(fact, _)| fact.rsplit(": ").next() == Some(name));
        let values: Vec<u64> = parts.filter_map(|(_, value)| value.parse().ok()).collect();
        if values.is_empty() { "-".to_owned() } else { values.iter().sum::<u64>().to_string() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiment::Findings;
    use crate::experiments::ALL;

    fn report(ending: Ending) -> Report {
        let mut report = Report::new(7, Scale::Slice, "1 core".to_owned());
        report.add(ALL[0], ending, Duration::from_secs(3));
        report
    }

    #[test]
    fn a_violation_and_an_experiment_that_broke_off_are_failures_and_a_skipped_one_is_not() {
        let mut findings = Findings::default();
        assert!(report(Ok(findings.clone()).into()).is_good());
        assert!(report(Ending::Skipped("no strace".to_owned())).is_good());
        findings.violation("an order is lost");
        assert!(!report(Ok(findings).into()).is_good());
        assert!(!report(Err(anyhow::anyhow!("no disk")).into()).is_good());
    }

    #[test]
    fn a_table_is_recorded_above_the_older_ones_and_below_the_head() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("RESULTS.md");
        fs::write(&file, "# Results\n\nHow.\n").unwrap();
        let mut findings = Findings::default();
        findings.fact("lost", 0);
        for ending in [Ok(findings).into(), Ending::Skipped("later".to_owned())] {
            report(ending).record(&file).unwrap();
        }
        let text = fs::read_to_string(&file).unwrap();
        let (later, first) = (text.find("later").unwrap(), text.find("lost 0").unwrap());
        assert!(text.starts_with("# Results\n\nHow.\n\n## seed 7") && later < first, "{text}");
    }
}
