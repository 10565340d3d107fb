use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use queue::{Clock, Random, Timestamp};
use serde::{Deserialize, Serialize};

/// The two services that the sandbox simulates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SimulatedService {
    Payment,
    Carrier,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    #[default]
    Ok,
    /// The connection is reset as soon as the call is read; nothing is done.
    Down,
    /// The call waits `latency_ms` and is then done, even when the caller has left by then.
    Slow,
    /// 500; nothing is done.
    Errors,
    /// The effect is done, then the connection is closed without an answer. GETs are not affected.
    AnswerLost,
    /// 429 with Retry-After 1; nothing is done.
    RateLimited,
    /// 401, as for a wrong key; nothing is done.
    Refuses,
}

/// The body of `PUT /faults/…`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FaultRequest {
    pub mode: Mode,
    pub latency_ms: Option<u64>,
    pub rate: Option<f64>,
    pub for_seconds: Option<u64>,
}

/// The current fault.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Fault {
    pub mode: Mode,
    /// How long `slow` waits.
    pub latency_ms: u64,
    /// The share of affected calls, 0 to 1.
    pub rate: f64,
    /// Seconds until it ends; none = until changed.
    pub for_seconds: Option<u64>,
}

/// The effect of a fault on one call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaultEffect {
    None,
    Reset,
    Wait(Duration),
    Error,
    LoseAnswer,
    RateLimit,
    Refuse,
}

#[derive(Debug, thiserror::Error)]
#[error("rate must be between 0 and 1")]
pub struct RateOutOfRange;

/// The fault switches. They are reset by a restart.
pub struct Faults {
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
    payment: Mutex<Switch>,
    carrier: Mutex<Switch>,
}

#[derive(Clone, Copy)]
struct Switch {
    mode: Mode,
    latency: Duration,
    rate: f64,
    until: Option<Timestamp>,
}

const WORKS: Switch = Switch { mode: Mode::Ok, latency: Duration::from_secs(5), rate: 1.0, until: None };

impl Faults {
    pub fn new(clock: Arc<dyn Clock>, random: Arc<dyn Random>) -> Faults {
        Faults { clock, random, payment: Mutex::new(WORKS), carrier: Mutex::new(WORKS) }
    }

    /// Replaces the service's fault; omitted fields have their defaults.
    pub fn set(&self, played: SimulatedService, request: &FaultRequest) -> Result<(), RateOutOfRange> {
        let rate = request.rate.unwrap_or(WORKS.rate);
        if !(0.0..=1.0).contains(&rate) {
            return Err(RateOutOfRange);
        }
        let switch = Switch {
            mode: request.mode,
            latency: request.latency_ms.map_or(WORKS.latency, Duration::from_millis),
            rate,
            until: request.for_seconds.map(|seconds| self.clock.now() + Duration::from_secs(seconds)),
        };
        *self.switch(played).lock().unwrap_or_else(PoisonError::into_inner) = switch;
        Ok(())
    }

    pub fn get(&self, played: SimulatedService) -> Fault {
        let switch = self.current(played);
        let left = switch.until.map(|until| until.since(self.clock.now()));
        Fault {
            mode: switch.mode,
            latency_ms: u64::try_from(switch.latency.as_millis()).unwrap_or(u64::MAX),
            rate: switch.rate,
            for_seconds: left.map(|left| left.as_millis().div_ceil(1000).try_into().unwrap_or(u64::MAX)),
        }
    }

    /// Decides about one call; `reads` when it has no effect.
    pub fn apply(&self, played: SimulatedService, reads: bool) -> FaultEffect {
        let switch = self.current(played);
        let blow = match switch.mode {
            Mode::Ok => FaultEffect::None,
            Mode::Down => FaultEffect::Reset,
            Mode::Slow => FaultEffect::Wait(switch.latency),
            Mode::Errors => FaultEffect::Error,
            Mode::AnswerLost if reads => FaultEffect::None,
            Mode::AnswerLost => FaultEffect::LoseAnswer,
            Mode::RateLimited => FaultEffect::RateLimit,
            Mode::Refuses => FaultEffect::Refuse,
        };
        if blow == FaultEffect::None || self.spares(switch.rate) { FaultEffect::None } else { blow }
    }

    fn spares(&self, rate: f64) -> bool {
        // 53 bits give an even share in [0, 1): rate 0 affects no call, rate 1 every call.
        let share = (self.random.next_u64() >> 11) as f64 / (1u64 << 53) as f64;
        share >= rate
    }

    fn current(&self, played: SimulatedService) -> Switch {
        let mut switch = self.switch(played).lock().unwrap_or_else(PoisonError::into_inner);
        if switch.until.is_some_and(|until| until <= self.clock.now()) {
            *switch = WORKS;
        }
        *switch
    }

    fn switch(&self, played: SimulatedService) -> &Mutex<Switch> {
        match played {
            SimulatedService::Payment => &self.payment,
            SimulatedService::Carrier => &self.carrier,
        }
    }
}

#[cfg(test)]
mod tests {
    use queue::{ManualClock, SeededRandom};

    use super::*;

    fn faults() -> (Faults, Arc<ManualClock>) {
        let clock = Arc::new(ManualClock::at(Timestamp::from_millis(0)));
        (Faults::new(clock.clone(), Arc::new(SeededRandom::new(1))), clock)
    }

    fn request(json: &str) -> FaultRequest {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn a_fault_ends_by_itself_when_its_seconds_are_over() {
        let (faults, clock) = faults();
        faults.set(SimulatedService::Payment, &request(r#"{"mode":"errors","for_seconds":60}"#)).unwrap();
        clock.advance(Duration::from_millis(59_500));
        assert_eq!(faults.apply(SimulatedService::Payment, false), FaultEffect::Error);
        assert_eq!(faults.get(SimulatedService::Payment).for_seconds, Some(1));
        clock.advance(Duration::from_millis(500));
        assert_eq!(faults.apply(SimulatedService::Payment, false), FaultEffect::None);
        assert_eq!(faults.get(SimulatedService::Payment).mode, Mode::Ok);
    }

    #[test]
    fn a_fault_without_seconds_lasts_until_changed() {
        let (faults, clock) = faults();
        faults.set(SimulatedService::Carrier, &request(r#"{"mode":"down"}"#)).unwrap();
        clock.advance(Duration::from_secs(1_000_000));
        assert_eq!(faults.apply(SimulatedService::Carrier, true), FaultEffect::Reset);
        assert_eq!(faults.apply(SimulatedService::Payment, true), FaultEffect::None);
        faults.set(SimulatedService::Carrier, &request(r#"{"mode":"ok"}"#)).unwrap();
        assert_eq!(faults.apply(SimulatedService::Carrier, true), FaultEffect::None);
    }

    #[test]
    fn a_rate_hits_its_share_of_the_calls_in_every_mode() {
        let (faults, _) = faults();
        for mode in ["down", "slow", "errors", "answer_lost", "rate_limited", "refuses"] {
            let hits = |rate: f64| {
                faults
                    .set(
                        SimulatedService::Payment,
                        &request(&format!(r#"{{"mode":"{mode}","rate":{rate}}}"#)),
                    )
                    .unwrap();
                (0..1000)
                    .filter(|_| faults.apply(SimulatedService::Payment, false) != FaultEffect::None)
                    .count()
            };
            assert_eq!(hits(0.0), 0);
            assert_eq!(hits(1.0), 1000);
            assert!((400..600).contains(&hits(0.5)), "{mode}");
        }
    }

    #[test]
    fn the_answer_lost_fault_does_not_affect_reads() {
        let (faults, _) = faults();
        faults.set(SimulatedService::Payment, &request(r#"{"mode":"answer_lost"}"#)).unwrap();
        assert_eq!(faults.apply(SimulatedService::Payment, true), FaultEffect::None);
        assert_eq!(faults.apply(SimulatedService::Payment, false), FaultEffect::LoseAnswer);
    }

    #[test]
    fn a_rate_that_is_no_share_is_refused_and_changes_nothing() {
        let (faults, _) = faults();
        assert!(faults.set(SimulatedService::Payment, &request(r#"{"mode":"down","rate":1.5}"#)).is_err());
        assert_eq!(faults.get(SimulatedService::Payment).mode, Mode::Ok);
    }
}
