use super::*;
use crate::random::{Random, SeededRandom};

const CONFIG: BreakerConfig = BreakerConfig {
    failures: 3,
    wait: Duration::from_secs(2),
    cap: Duration::from_secs(10),
    refused_wait: Duration::from_secs(60),
};

fn at(millis: i64) -> Timestamp {
    Timestamp::from_millis(millis)
}

fn granted(breaker: &Breaker, now: i64) -> Permit {
    match breaker.ask(at(now)) {
        Access::Granted(permit) => permit,
        Access::Refused { until } => panic!("refused until {until:?}"),
    }
}

fn refused(breaker: &Breaker, now: i64) -> i64 {
    match breaker.ask(at(now)) {
        Access::Granted(_) => panic!("granted"),
        Access::Refused { until } => until.as_millis(),
    }
}

fn fail(breaker: &Breaker, now: i64) -> Option<Turn> {
    granted(breaker, now).failed(at(now))
}

/// A breaker that has just opened, at zero, until 2,000.
fn opened() -> Breaker {
    let breaker = Breaker::new(CONFIG);
    assert_eq!((fail(&breaker, 0), fail(&breaker, 0)), (None, None));
    assert_eq!(fail(&breaker, 0), Some(Turn::Opened { until: at(2_000) }));
    breaker
}

#[test]
fn a_breaker_opens_after_failures_in_a_row_and_a_success_resets_the_count() {
    let breaker = Breaker::new(CONFIG);
    assert_eq!((fail(&breaker, 0), fail(&breaker, 0)), (None, None));
    assert_eq!(granted(&breaker, 0).succeeded(), None);
    assert_eq!((fail(&breaker, 0), fail(&breaker, 0)), (None, None));
    assert_eq!(breaker.view(at(0)).failures_in_a_row, 2);
    assert_eq!(fail(&breaker, 0), Some(Turn::Opened { until: at(2_000) }));
}

#[test]
fn an_open_breaker_refuses_until_its_wait_is_over() {
    let breaker = opened();
    assert_eq!((refused(&breaker, 0), refused(&breaker, 1_999)), (2_000, 2_000));
    drop(granted(&breaker, 2_000));
}

#[test]
fn a_half_open_breaker_lets_one_call_through_at_a_time() {
    let breaker = opened();
    let probe = granted(&breaker, 2_000);
    assert_eq!(refused(&breaker, 2_500), 4_500, "the probe is out");
    drop(probe);
    let probe = granted(&breaker, 2_600);
    assert_eq!(probe.succeeded(), Some(Turn::Closed));
    let _many = [granted(&breaker, 2_600), granted(&breaker, 2_600)];
}

#[test]
fn every_failed_probe_doubles_the_wait_up_to_the_cap_and_a_success_forgets_it() {
    let (breaker, mut now) = (opened(), 2_000);
    for wait in [4_000, 8_000, 10_000, 10_000] {
        let until = at(now + wait);
        assert_eq!(fail(&breaker, now), Some(Turn::Opened { until }));
        now += wait;
    }
    assert_eq!(granted(&breaker, now).succeeded(), Some(Turn::Closed));
    assert_eq!((fail(&breaker, now), fail(&breaker, now)), (None, None));
    assert_eq!(fail(&breaker, now), Some(Turn::Opened { until: at(now + 2_000) }));
}

#[test]
fn the_result_of_a_call_from_an_earlier_phase_is_ignored() {
    let breaker = Breaker::new(CONFIG);
    let (early, late, last) = (granted(&breaker, 0), granted(&breaker, 0), granted(&breaker, 0));
    assert!([fail(&breaker, 0), fail(&breaker, 0), fail(&breaker, 0)][2].is_some());
    assert_eq!(early.succeeded(), None, "it does not close what is open");
    assert_eq!(late.failed(at(1_000)), None, "it does not open for longer");
    let probe = granted(&breaker, 2_000);
    drop(last);
    assert_eq!(refused(&breaker, 2_000), 4_000, "it does not free the probe of another");
    drop(probe);
}

#[test]
fn a_clock_that_is_set_back_does_not_keep_the_breaker_open() {
    let breaker = opened();
    drop(granted(&breaker, -3_600_000));
}

#[test]
fn a_service_that_refuses_us_is_probed_once_in_each_wait_until_it_takes_a_call() {
    let breaker = Breaker::new(CONFIG);
    assert_eq!(granted(&breaker, 0).refused(at(0)), Some(Turn::Refused { until: at(60_000) }));
    assert_eq!(breaker.view(at(0)).state, BreakerState::Refused);
    assert_eq!(breaker.view(at(0)).until, Some(at(60_000)));
    let mut now = 0;
    for _ in 0..5 {
        assert_eq!(refused(&breaker, now + 59_999), now + 60_000, "the wait does not double");
        now += 60_000;
        let probe = granted(&breaker, now);
        assert_eq!(refused(&breaker, now), now + 2_000, "one probe at a time");
        assert_eq!(breaker.view(at(now)).state, BreakerState::Refused, "also while the probe is out");
        assert_eq!(probe.refused(at(now)), Some(Turn::Refused { until: at(now + 60_000) }));
    }
    assert_eq!(granted(&breaker, now + 60_000).succeeded(), Some(Turn::Closed));
    assert_eq!(breaker.view(at(now + 60_000)).state, BreakerState::Closed);
}

#[test]
fn a_probe_without_a_result_keeps_the_breaker_refused_and_allows_the_next_probe() {
    let breaker = Breaker::new(CONFIG);
    granted(&breaker, 0).refused(at(0));
    drop(granted(&breaker, 60_000));
    assert_eq!(breaker.view(at(60_000)).state, BreakerState::Refused);
    assert_eq!(granted(&breaker, 60_000).succeeded(), Some(Turn::Closed));
}

#[test]
fn a_service_that_refuses_us_and_then_does_not_answer_has_an_outage() {
    let breaker = Breaker::new(CONFIG);
    granted(&breaker, 0).refused(at(0));
    let probe = granted(&breaker, 60_000);
    assert_eq!(probe.failed(at(60_000)), Some(Turn::Opened { until: at(62_000) }));
    assert_eq!(breaker.view(at(60_000)).state, BreakerState::Open);
}

#[test]
fn calls_that_were_out_when_the_first_was_refused_turn_nothing() {
    let breaker = Breaker::new(CONFIG);
    let (first, second, third) = (granted(&breaker, 0), granted(&breaker, 0), granted(&breaker, 0));
    assert!(first.refused(at(0)).is_some());
    assert_eq!(second.refused(at(1)), None);
    assert_eq!(third.succeeded(), None, "it was granted before");
    assert_eq!(breaker.view(at(1)).state, BreakerState::Refused);
}

#[test]
fn a_view_shows_the_state_at_its_moment() {
    let view = |breaker: &Breaker, now| {
        let BreakerView { state, failures_in_a_row, until } = breaker.view(at(now));
        (state.as_str(), failures_in_a_row, until.map(Timestamp::as_millis))
    };
    assert_eq!(view(&Breaker::new(CONFIG), 0), ("closed", 0, None));
    let breaker = opened();
    assert_eq!(view(&breaker, 0), ("open", 3, Some(2_000)));
    assert_eq!(view(&breaker, 2_000), ("half_open", 3, None));
    let probe = granted(&breaker, 2_000);
    assert_eq!(view(&breaker, 2_000), ("half_open", 3, None));
    probe.succeeded();
    assert_eq!(view(&breaker, 2_000), ("closed", 0, None));
}

#[test]
fn a_failing_service_is_probed_by_one_call_at_a_time_and_never_before_its_wait_is_over() {
    for seed in 0..200 {
        let (random, breaker) = (SeededRandom::new(seed), Breaker::new(CONFIG));
        let (mut now, mut out, mut open_until): (i64, Vec<Permit>, Option<Timestamp>) = (0, Vec::new(), None);
        for _ in 0..300 {
            now += (random.next_u64() % 1_500) as i64;
            let before = breaker.view(at(now)).state;
            let told = match random.next_u64() % 6 {
                0 | 1 => {
                    if let Access::Granted(permit) = breaker.ask(at(now)) {
                        assert!(open_until.is_none_or(|until| at(now) >= until), "seed {seed}");
                        let current = |other: &Permit| other.generation == permit.generation;
                        let probe = matches!(before, BreakerState::HalfOpen | BreakerState::Refused);
                        assert!(!probe || !out.iter().any(current), "seed {seed}: two probes");
                        out.push(permit);
                    }
                    None
                }
                kind if !out.is_empty() => {
                    let permit = out.swap_remove((random.next_u64() % out.len() as u64) as usize);
                    match kind {
                        2 => permit.succeeded(),
                        3 => permit.failed(at(now)),
                        4 => permit.refused(at(now)),
                        _ => None,
                    }
                }
                _ => None,
            };
            match told {
                Some(Turn::Opened { until }) => {
                    let wait = until.since(at(now));
                    assert!((CONFIG.wait..=CONFIG.cap).contains(&wait), "seed {seed}: {wait:?}");
                    open_until = Some(until);
                }
                Some(Turn::Refused { until }) => {
                    assert_eq!(until.since(at(now)), CONFIG.refused_wait, "seed {seed}");
                    open_until = Some(until);
                }
                Some(Turn::Closed) => open_until = None,
                None => {}
            }
        }
    }
}
