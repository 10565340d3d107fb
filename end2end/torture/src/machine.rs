//! The machine: its description, and which experiments it can run.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use rustix::process::{Resource, getrlimit, setrlimit};

use crate::experiment::Requirement;
use crate::system::Paths;

/// Enough open files for every experiment.
const OPEN_FILES: u64 = 16_000;

/// Returns the machine in one line.
pub fn description() -> String {
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let memory = read("/proc/meminfo").lines().find_map(|line| {
        let kilobytes = line.strip_prefix("MemTotal:")?.trim().strip_suffix(" kB")?;
        kilobytes.parse::<u64>().ok()
    });
    let kernel = read("/proc/sys/kernel/osrelease");
    let gigabytes = memory.unwrap_or_default() / 1024 / 1024;
    format!("{cores} cores, {gigabytes} GB, Linux {}", kernel.trim())
}

/// Returns why this machine does not meet a requirement, if so.
pub fn missing_requirement(requirement: Requirement, paths: &Paths) -> Option<String> {
    let not_installed = |programs: &[&str]| {
        let missing: Vec<_> = programs.iter().filter(|program| find(program).is_none()).copied().collect();
        (!missing.is_empty()).then(|| format!("{} is not installed", missing.join(", ")))
    };
    let not_allowed = |program: &str, arguments: &[&str], operation: &str| {
        (!succeeds(program, arguments)).then(|| format!("this machine does not allow {operation}"))
    };
    match requirement {
        Requirement::Strace => not_installed(&["strace"])
            .or_else(|| not_allowed("strace", &["-o", "/dev/null", "true"], "tracing a program")),
        Requirement::Mounts => not_installed(&["unshare", "mount"]).or_else(|| {
            not_allowed("unshare", &["--mount", "mount", "-t", "tmpfs", "none", "/mnt"], "mounts")
        }),
        Requirement::PowerCut => not_installed(&["mkfs.ext4", "losetup", "perl"])
            .or_else(|| missing_requirement(Requirement::Mounts, paths))
            .or_else(|| not_allowed("losetup", &["--find"], "loop devices")),
        Requirement::Failpoints => {
            paths.failpoints.is_none().then(|| "no program with failpoints was given".to_owned())
        }
        Requirement::Schemathesis => paths
            .schemathesis
            .is_none()
            .then(|| "schemathesis is not installed; it needs Python and pip".to_owned()),
        Requirement::OpenFiles => {
            let allowed = raise_open_file_limit(OPEN_FILES);
            (allowed < OPEN_FILES).then(|| format!("this machine allows {allowed} open files"))
        }
    }
}

/// Raises the limit of open files of this process and its children, and returns the limit.
fn raise_open_file_limit(wanted: u64) -> u64 {
    let mut limit = getrlimit(Resource::Nofile);
    // `None` means unlimited.
    let suffices = |allowed: Option<u64>| allowed.is_none_or(|allowed| allowed >= wanted);
    if !suffices(limit.current) {
        limit.current = Some(wanted);
        limit.maximum = if suffices(limit.maximum) { limit.maximum } else { Some(wanted) };
        // The result is read back below.
        let _ = setrlimit(Resource::Nofile, limit);
    }
    getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX)
}

/// Returns the memory in kilobytes and the number of open files of a process.
pub fn resource_usage(process: u32) -> (u64, usize) {
    let status = read(format!("/proc/{process}/status"));
    let resident = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:")?.trim().strip_suffix(" kB")?.trim().parse().ok());
    let files = fs::read_dir(format!("/proc/{process}/fd")).map_or(0, Iterator::count);
    (resident.unwrap_or_default(), files)
}

fn find(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(program)).find(|file| file.is_file())
}

fn succeeds(program: &str, arguments: &[&str]) -> bool {
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

fn read(file: impl AsRef<Path>) -> String {
    fs::read_to_string(file).unwrap_or_default()
}
