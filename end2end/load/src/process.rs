//! What the system tells about processes.

use std::time::Duration;
use std::{fs, io};

use rustix::time::{ClockId, clock_gettime};

/// What a process uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Usage {
    /// Its memory that is in RAM, in KiB. The memory of the kernel, such as the buffers of sockets, is not part of it.
    pub resident_kib: u64,
    /// Its threads.
    pub threads: u64,
}

/// Returns what a process uses now.
pub fn usage(id: u32) -> io::Result<Usage> {
    let status = fs::read_to_string(format!("/proc/{id}/status"))?;
    parse(&status).ok_or_else(|| io::Error::other("/proc tells no memory or threads of the process"))
}

/// Returns the processor time that this process has used, that of the kernel for it included.
pub fn processor_time() -> Duration {
    // Since the start of the process, so it is never negative.
    Duration::try_from(clock_gettime(ClockId::ProcessCPUTime)).unwrap_or_default()
}

fn parse(status: &str) -> Option<Usage> {
    let number = |name: &str| {
        let value = status.lines().find_map(|line| line.strip_prefix(name))?;
        value.split_whitespace().next()?.parse().ok()
    };
    Some(Usage { resident_kib: number("VmRSS:")?, threads: number("Threads:")? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_and_threads_are_read() {
        let status = "Name:\tdocket\nVmHWM:\t   30000 kB\nVmRSS:\t   20412 kB\nThreads:\t13\n";
        assert_eq!(parse(status), Some(Usage { resident_kib: 20_412, threads: 13 }));
        assert_eq!(parse("Name:\tgone\n"), None);
    }
}
