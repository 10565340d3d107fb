//! All experiments, one file each.

mod answer_lost;
mod api_fuzz;
mod backup;
mod crash_points;
mod disk_errors;
mod disk_full;
mod held_commit;
mod kill_loop;
mod migration_kill;
mod one_key;
mod overload;
mod planted;
mod poison;
mod power_cut;
mod raw_bytes;
mod service_down;
mod sigterm;
mod slow_clients;
mod soak;
mod two_workers;
mod watchers;
mod zombie;

use crate::experiment::Experiment;
use crate::report::print_line;

/// All experiments, in the order in which they run.
pub const ALL: &[&Experiment] = &[
    &kill_loop::EXPERIMENT,
    &one_key::EXPERIMENT,
    &service_down::EXPERIMENT,
    &answer_lost::EXPERIMENT,
    &zombie::EXPERIMENT,
    &two_workers::EXPERIMENT,
    &disk_errors::EXPERIMENT,
    &disk_full::EXPERIMENT,
    &sigterm::EXPERIMENT,
    &slow_clients::EXPERIMENT,
    &raw_bytes::EXPERIMENT,
    &api_fuzz::EXPERIMENT,
    &watchers::EXPERIMENT,
    &backup::EXPERIMENT,
    &power_cut::EXPERIMENT,
    &migration_kill::EXPERIMENT,
    &poison::EXPERIMENT,
    &held_commit::EXPERIMENT,
    &crash_points::EXPERIMENT,
    &planted::EXPERIMENT,
    &overload::EXPERIMENT,
    &soak::EXPERIMENT,
];

/// Lists the experiments.
pub fn list() {
    for experiment in ALL {
        let smoke = if experiment.is_smoke_test { "  (part of the test command)" } else { "" };
        print_line(format_args!(
            "{:<18}{}{smoke}\n{:18}passes when: {}",
            experiment.name, experiment.description, "", experiment.pass
        ));
    }
}

/// Returns the experiment with this name.
///
/// # Errors
/// With the known names.
pub fn by_name(name: &str) -> Result<&'static Experiment, String> {
    let found = ALL.iter().copied().find(|experiment| experiment.name == name);
    found.ok_or_else(|| {
        let names: Vec<_> = ALL.iter().map(|experiment| experiment.name).collect();
        format!("the experiments are {}", names.join(", "))
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_experiment_has_a_name_of_its_own() {
        let names: BTreeSet<_> = ALL.iter().map(|experiment| experiment.name).collect();
        assert_eq!(names.len(), ALL.len());
        assert!(names.iter().all(|name| by_name(name).is_ok()));
        assert!(by_name("unknown").is_err());
    }
}
