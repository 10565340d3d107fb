//! When a job whose worker was lost runs again.
//!
//! A job that takes its process down takes down whatever runs beside it. All of them have that attempt counted, for
//! nobody can tell which one did it; and if all came back at once they would run beside it again, until innocent ones had
//! spent their attempts, too. So a job that is lost again and again comes back at a time of its own: the guilty one then
//! meets hardly anybody, and the others get through between its attempts.

use std::time::Duration;

use crate::clock::Timestamp;
use crate::job::JobId;

/// So often a job comes back at once: workers are mostly lost through no fault of their jobs, and nobody should wait for
/// that.
const AT_ONCE: u32 = 2;
/// The longest wait the first time that it does not.
const BASE: Duration = Duration::from_millis(500);
/// The longest wait of all.
const CAP: Duration = Duration::from_secs(5);

/// When a job that was due at `run_at` and has so many attempts behind it, the last of them lost with its worker, is due
/// again.
///
/// The wait is spread over a span that doubles from one attempt to the next, by job and attempt, so that two jobs that
/// meet once do not meet for ever. It is the same in every store and needs no chance.
pub fn comes_back_at(job: JobId, attempts: u32, run_at: Timestamp, now: Timestamp) -> Timestamp {
    if attempts <= AT_ONCE {
        return run_at.min(now);
    }
    let doublings = (attempts - AT_ONCE - 1).min(31);
    let longest = BASE.saturating_mul(1 << doublings).min(CAP);
    let spread = mixed(job.0 as u64 ^ (u64::from(attempts) << 48));
    let millis = (u128::from(spread) * (longest.as_millis() + 1)) >> 64;
    now + Duration::from_millis(u64::try_from(millis).unwrap_or(0))
}

/// The last step of SplitMix64 (Steele, Lea and Flood, *Fast Splittable Pseudorandom Number Generators*): numbers that lie
/// beside each other come out far apart.
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
    fn who_was_lost_once_or_twice_comes_back_at_once() {
        let later = NOW + Duration::from_secs(1);
        for attempts in 0..=AT_ONCE {
            assert_eq!(comes_back_at(JobId(7), attempts, NOW, later), NOW);
        }
    }

    #[test]
    fn whoever_is_lost_again_and_again_waits_longer_and_never_past_the_limit() {
        for attempts in AT_ONCE + 1..100 {
            let waits: Vec<_> =
                (0..500).map(|id| comes_back_at(JobId(id), attempts, NOW, NOW).since(NOW)).collect();
            let longest = BASE.saturating_mul(1 << (attempts - AT_ONCE - 1).min(20)).min(CAP);
            assert!(waits.iter().all(|wait| *wait <= longest));
            let mean = waits.iter().sum::<Duration>() / 500;
            assert!(mean > longest * 2 / 5 && mean < longest * 3 / 5, "{mean:?} of {longest:?}");
        }
    }

    #[test]
    fn jobs_that_were_lost_together_are_seldom_together_again() {
        for attempts in [3, 4, 12, 20] {
            let times: BTreeSet<_> = (0..32).map(|id| comes_back_at(JobId(id), attempts, NOW, NOW)).collect();
            assert!(times.len() > 28, "{} moments after {attempts} attempts", times.len());
        }
    }

    /// One of 33 jobs takes its process down whenever it runs; the process needs a while to be there again.
    #[test]
    fn the_neighbours_of_a_job_that_kills_its_process_get_through_long_before_they_are_given_up() {
        let mut due: Vec<(JobId, u32, Timestamp)> = (0..33).map(|id| (JobId(id), 0, NOW)).collect();
        let poison = JobId(5);
        let (mut now, mut worst) = (NOW, 0);
        while due.iter().any(|(id, attempts, _)| *id == poison && *attempts < 20) {
            now = now.max(due.iter().map(|(.., at)| *at).min().unwrap());
            // What is due runs side by side, and is lost or done together.
            let (mut running, waiting): (Vec<_>, Vec<_>) = due.into_iter().partition(|(.., at)| *at <= now);
            due = waiting;
            if running.iter().any(|(id, ..)| *id == poison) {
                now = now + Duration::from_millis(300);
                for (id, attempts, at) in &mut running {
                    *attempts += 1;
                    *at = comes_back_at(*id, *attempts, now, now);
                    if *id != poison {
                        worst = worst.max(*attempts);
                    }
                }
                due.extend(running);
            }
        }
        assert_eq!(due.len(), 1, "everybody else is done");
        assert!(worst <= 6, "one of them was taken down {worst} times");
    }
}
