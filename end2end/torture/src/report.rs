//! The report: progress lines, a table, and the file of recorded results.

use std::fmt::{self, Write as _};
use std::fs;
use std::io::{self, Write as _};
use std::path::Path;
use std::time::Duration;

use crate::experiment::{Experiment, Scale, Verdict};

/// How many violations of one experiment are printed; the others are counted.
const MAX_PRINTED_VIOLATIONS: usize = 20;

/// The results so far.
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
    summary: String,
    figures: Vec<(String, String)>,
    took: Duration,
}

/// Prints one line.
pub fn print_line(line: impl fmt::Display) {
    let mut out = io::stdout().lock();
    // A closed standard output does not stop the experiments.
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
            Scale::Smoke => "smoke",
            Scale::Usual => "usual",
            Scale::Full => "full",
        };
        format!("seed {} · {scale} size · {}", self.seed, self.machine)
    }

    /// Prints how an experiment ended, and adds it.
    pub fn add(&mut self, experiment: &Experiment, verdict: Verdict, took: Duration) {
        let summary = match &verdict {
            Verdict::Passed(findings) => findings.summary(),
            Verdict::Failed(findings) => {
                let count = findings.violations.len();
                format!("{count} violations · {}", findings.summary())
            }
            Verdict::Skipped(reason) | Verdict::Broken(reason) => reason.clone(),
        };
        let name = verdict.name();
        print_line(format_args!("      {name} in {:.0} s: {summary}", took.as_secs_f64()));
        if let Verdict::Failed(findings) = &verdict {
            for violation in findings.violations.iter().take(MAX_PRINTED_VIOLATIONS) {
                print_line(format_args!("      ! {violation}"));
            }
            if findings.violations.len() > MAX_PRINTED_VIOLATIONS {
                print_line(format_args!(
                    "      ! and {} more",
                    findings.violations.len() - MAX_PRINTED_VIOLATIONS
                ));
            }
            if let Some(folder) = &findings.kept_folder {
                print_line(format_args!("      its files are kept in {}", folder.display()));
            }
        }
        let figures = match verdict {
            Verdict::Passed(findings) | Verdict::Failed(findings) => findings.figures,
            Verdict::Skipped(_) | Verdict::Broken(_) => Vec::new(),
        };
        self.rows.push(Row {
            name: experiment.name,
            pass: experiment.pass,
            verdict: name,
            summary,
            figures,
            took,
        });
    }

    /// Whether nothing failed. Skipped experiments do not count.
    pub fn is_good(&self) -> bool {
        self.count("FAILED") + self.count("BROKEN") == 0
    }

    /// Prints the table.
    pub fn print(&self) {
        print_line(format_args!(
            "\n{:<18} {:<8} {:>7} {:>12} {:>6} {:>8} {:>6}",
            "experiment", "result", "seconds", "acknowledged", "lost", "doubled", "stuck"
        ));
        for row in &self.rows {
            let [acknowledged, lost, doubled, stuck] =
                ["acknowledged", "lost", "doubled", "stuck"].map(|name| row.sum(name));
            let (name, verdict, seconds) = (row.name, row.verdict, row.took.as_secs());
            print_line(format_args!(
                "{name:<18} {verdict:<8} {seconds:>7} {acknowledged:>12} {lost:>6} {doubled:>8} {stuck:>6}"
            ));
        }
        let failed = self.count("FAILED") + self.count("BROKEN");
        let (passed, skipped) = (self.count("passed"), self.count("skipped"));
        print_line(format_args!(
            "experiments: {passed} passed, {failed} failed, {skipped} skipped; {}",
            self.headline()
        ));
    }

    /// Inserts the table above those in the file.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn record(&self, file: &Path) -> io::Result<()> {
        let recorded = fs::read_to_string(file).unwrap_or_default();
        let (head, tables) = match recorded.find("\n## ") {
            Some(index) => recorded.split_at(index + 1),
            None => (recorded.as_str(), ""),
        };
        fs::write(file, format!("{}\n\n{}\n{tables}", head.trim_end(), self.table()))
    }

    fn table(&self) -> String {
        let mut table = format!(
            "## {}\n\n| experiment | passes when | result | figures |\n|---|---|---|---|\n",
            self.headline()
        );
        for row in &self.rows {
            let summary = row.summary.replace('|', "/").replace('\n', " ");
            let took = row.took.as_secs_f64();
            // Writing to a String cannot fail.
            let _ = writeln!(
                table,
                "| {} | {} | {} in {took:.0} s | {summary} |",
                row.name, row.pass, row.verdict
            );
        }
        table
    }

    fn count(&self, verdict: &str) -> usize {
        self.rows.iter().filter(|row| row.verdict == verdict).count()
    }
}

impl Row {
    /// Returns the sum of a measurement over all parts of the experiment, or a dash if it has none.
    fn sum(&self, name: &str) -> String {
        let parts = self.figures.iter().filter(|(figure, _)| figure.rsplit(": ").next() == Some(name));
        let values: Vec<u64> = parts.filter_map(|(_, value)| value.parse().ok()).collect();
        if values.is_empty() { "-".to_owned() } else { values.iter().sum::<u64>().to_string() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiment::Findings;
    use crate::experiments::ALL;

    fn report(verdict: Verdict) -> Report {
        let mut report = Report::new(7, Scale::Smoke, "1 core".to_owned());
        report.add(ALL[0], verdict, Duration::from_secs(3));
        report
    }

    #[test]
    fn violations_and_errors_are_failures_and_skipped_experiments_are_not() {
        let mut findings = Findings::default();
        assert!(report(Ok(findings.clone()).into()).is_good());
        assert!(report(Verdict::Skipped("no strace".to_owned())).is_good());
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
        findings.figure("lost", 0);
        for verdict in [Ok(findings).into(), Verdict::Skipped("later".to_owned())] {
            report(verdict).record(&file).unwrap();
        }
        let text = fs::read_to_string(&file).unwrap();
        let (later, first) = (text.find("later").unwrap(), text.find("lost 0").unwrap());
        assert!(text.starts_with("# Results\n\nHow.\n\n## seed 7") && later < first, "{text}");
    }
}
