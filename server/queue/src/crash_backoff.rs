//! The back-off of a job whose worker crashed.
//!
//! A job that kills its process also ends the jobs that run beside it. The attempt counts for all of them, because it is
//! unknown which job caused the crash. If all became available at once they would run side by side again, until jobs
//! that did nothing wrong had spent their attempts too. So after repeated crashes each job becomes available at a
//! different time, and the others complete between the attempts of the one that crashes.

use std::time::Duration;

use crate::clock::Timestamp;
use crate::job::JobId;

/// After so many crashes a job is still available at once: most crashes are not caused by a job.
const AT_ONCE: u32 = 2;
/// The upper bound of the first delay.
const BASE: Duration = Duration::from_millis(500);
/// The upper bound of every delay.
const CAP: Duration = Duration::from_secs(5);

/// When a job is due again that was due at `run_at` and has `attempts` attempts, the last of them ended by a crash of its
/// worker.
///
/// The upper bound of the delay doubles with each attempt. The delay is a hash of job and attempt, so that two jobs that
/// ran side by side once do not do so every time. It is the same in every store and needs no random number.
pub fn available_after_crash_at(job: JobId, attempts: u32, run_at: Timestamp, now: Timestamp) -> Timestamp {
    if attempts <= AT_ONCE {
        return run_at.min(now);
    }
    let doublings = (attempts - AT_ONCE - 1).min(31);
    let longest = BASE.saturating_mul(1 << doublings).min(CAP);
    let spread = mixed(job.0 as u64 ^ (u64::from(attempts) << 48));
    let millis = (u128::from(spread) * (longest.as_millis() + 1)) >> 64;
    now + Duration::from_millis(u64::try_from(millis).unwrap_or(0))
}

/// The finaliser of SplitMix64 (Steele, Lea and Flood, *Fast Splittable Pseudorandom Number Generators*).
const fn mixed(number: u64) -> u64 {
    let z = number.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_000_000);

    #[test]
    fn a_job_is_available_at_once_after_its_first_two_crashes() {
        let later = NOW + Duration::from_secs(1);
        for attempts in 0..=AT_ONCE {
            assert_eq!(available_after_crash_at(JobId(7), attempts, NOW, later), NOW);
        }
    }

    #[test]
    fn delays_grow_with_each_crash_up_to_the_limit() {
        for attempts in AT_ONCE + 1..100 {
            let waits: Vec<_> = (0..500)
                .map(|id| available_after_crash_at(JobId(id), attempts, NOW, NOW).since(NOW))
                .collect();
            let longest = BASE.saturating_mul(1 << (attempts - AT_ONCE - 1).min(20)).min(CAP);
            assert!(waits.iter().all(|wait| *wait <= longest));
            let mean = waits.iter().sum::<Duration>() / 500;
            assert!(mean > longest * 2 / 5 && mean < longest * 3 / 5, "{mean:?} of {longest:?}");
        }
    }

    #[test]
    fn jobs_that_crashed_together_are_seldom_due_together() {
        for attempts in [3, 4, 12, 20] {
            let times: BTreeSet<_> =
                (0..32).map(|id| available_after_crash_at(JobId(id), attempts, NOW, NOW)).collect();
            assert!(times.len() > 28, "{} moments after {attempts} attempts", times.len());
        }
    }

    /// One of 33 jobs kills its process whenever it runs; the restart takes 300 ms.
    #[test]
    fn jobs_beside_one_that_kills_its_process_complete_long_before_their_attempts_are_spent() {
        let mut due: Vec<(JobId, u32, Timestamp)> = (0..33).map(|id| (JobId(id), 0, NOW)).collect();
        let poison = JobId(5);
        let (mut now, mut worst) = (NOW, 0);
        while due.iter().any(|(id, attempts, _)| *id == poison && *attempts < 20) {
            now = now.max(due.iter().map(|(.., at)| *at).min().unwrap());
            // All due jobs run side by side, and crash or complete together.
            let (mut running, waiting): (Vec<_>, Vec<_>) = due.into_iter().partition(|(.., at)| *at <= now);
            due = waiting;
            if running.iter().any(|(id, ..)| *id == poison) {
                now = now + Duration::from_millis(300);
                for (id, attempts, at) in &mut running {
                    *attempts += 1;
                    *at = available_after_crash_at(*id, *attempts, now, now);
                    if *id != poison {
                        worst = worst.max(*attempts);
                    }
                }
                due.extend(running);
            }
        }
        assert_eq!(due.len(), 1, "all others are done");
        assert!(worst <= 6, "one of them crashed {worst} times");
    }
}
