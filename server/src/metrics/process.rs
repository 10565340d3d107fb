//! The figures of the process, as the client libraries of Prometheus name them. Read from `/proc`, so only on Linux.

use std::fs;

use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::metrics::gauge::ConstGauge;
use prometheus_client::registry::{Registry, Unit};
use rustix::param::{clock_ticks_per_second, page_size};
use rustix::process::{Resource, getrlimit};

/// The fields of `/proc/self/stat` that are used.
struct Stat {
    cpu_ticks: u64,
    threads: u64,
    /// Since the system was started.
    started_ticks: u64,
    virtual_bytes: u64,
    resident_pages: u64,
}

/// Reads the figures and registers them. What cannot be read is left out.
pub(super) fn register(registry: &mut Registry) {
    if let Some(stat) = fs::read_to_string("/proc/self/stat").ok().as_deref().and_then(Stat::parse) {
        let cpu = ConstCounter::new(seconds(stat.cpu_ticks));
        registry.register_with_unit("process_cpu", "Time on the processors", Unit::Seconds, cpu);
        let resident = ConstGauge::new(stat.resident_pages * page_size() as u64);
        registry.register_with_unit("process_resident_memory", "Memory in RAM", Unit::Bytes, resident);
        let mapped = ConstGauge::new(stat.virtual_bytes);
        registry.register_with_unit("process_virtual_memory", "Mapped memory", Unit::Bytes, mapped);
        registry.register("process_threads", "Threads", ConstGauge::new(stat.threads));
        if let Some(boot) = boot_time() {
            let start = ConstGauge::new(boot + seconds(stat.started_ticks));
            registry.register_with_unit("process_start_time", "Start since 1970", Unit::Seconds, start);
        }
    }
    if let Ok(open) = fs::read_dir("/proc/self/fd") {
        // One of them is that of the folder itself.
        let open = ConstGauge::new(open.count().saturating_sub(1));
        registry.register("process_open_fds", "Open file descriptors", open);
    }
    if let Some(limit) = getrlimit(Resource::Nofile).current {
        registry.register("process_max_fds", "Allowed file descriptors", ConstGauge::new(limit));
    }
}

impl Stat {
    fn parse(text: &str) -> Option<Self> {
        // The second field is the name of the program in parentheses, which may contain anything.
        let (_, rest) = text.rsplit_once(')')?;
        let fields: Vec<&str> = rest.split_ascii_whitespace().collect();
        // Numbered from 1 in proc_pid_stat(5).
        let field = |number: usize| fields.get(number - 3)?.parse::<u64>().ok();
        Some(Self {
            cpu_ticks: field(14)? + field(15)?,
            threads: field(20)?,
            started_ticks: field(22)?,
            virtual_bytes: field(23)?,
            resident_pages: field(24)?,
        })
    }
}

/// Returns when the system was started, in seconds since 1970.
fn boot_time() -> Option<f64> {
    let stat = fs::read_to_string("/proc/stat").ok()?;
    stat.lines().find_map(|line| line.strip_prefix("btime "))?.trim().parse().ok()
}

#[expect(clippy::cast_precision_loss, reason = "ticks are exact for thousands of years")]
fn seconds(ticks: u64) -> f64 {
    ticks as f64 / clock_ticks_per_second() as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_the_program_may_look_like_fields() {
        let text = "7 (a) 1 (b) S 1 7 7 0 -1 4194560 9 0 0 0 250 50 0 0 20 0 12 0 4000 8192 33 18446744073709551615 1";
        let stat = Stat::parse(text).unwrap();
        assert_eq!((stat.cpu_ticks, stat.threads, stat.started_ticks), (300, 12, 4_000));
        assert_eq!((stat.virtual_bytes, stat.resident_pages), (8_192, 33));
    }
}
