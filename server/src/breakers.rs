//! The breakers of the outside services: one that does not work is left alone for a while, and what needs it waits.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use orders::{Service, StepReason};
use queue::{
    Access, Breaker, BreakerConfig, BreakerState, BreakerView, Permit, QueueName, Store, Timestamp, Turn,
};

/// A breaker for each outside service. Our own stock needs none.
#[derive(Debug)]
pub struct Breakers {
    payment: Line,
    shipping: Line,
    mail: Line,
}

/// The way to one service.
#[derive(Debug)]
struct Line {
    breaker: Breaker,
    trouble: Mutex<Trouble>,
}

/// A service does not work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Trouble {
    /// What is the matter with it, as people are told.
    pub reason: StepReason,
    /// When the service said how long it wants to be left alone, and how long that is.
    pub pause: Option<(Timestamp, Duration)>,
}

/// The service is not to be called now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shut {
    /// What is the matter with it, as people are told.
    pub reason: StepReason,
    /// When it is worth asking again.
    pub until: Timestamp,
}

/// The right to make one call, to be told what came of it. Dropped without a word it says nothing about the service.
#[derive(Debug)]
#[must_use]
pub struct Pass<'a> {
    line: &'a Line,
    permit: Permit,
}

impl Breakers {
    /// All closed.
    pub fn new(config: BreakerConfig) -> Self {
        let line = || Line {
            breaker: Breaker::new(config),
            trouble: Mutex::new(Trouble { reason: StepReason::ServiceDown, pause: None }),
        };
        Self { payment: line(), shipping: line(), mail: line() }
    }

    /// Asks for one call.
    ///
    /// # Errors
    /// When the service is not to be called now.
    pub fn ask(&self, service: Service, now: Timestamp) -> Result<Option<Pass<'_>>, Shut> {
        let Some(line) = self.line(service) else { return Ok(None) };
        let trouble = *line.trouble();
        let reason = trouble.reason;
        if let Some(until) = trouble.paused_at(now)
            && line.breaker.view(now).state != BreakerState::Closed
        {
            return Err(Shut { reason, until });
        }
        match line.breaker.ask(now) {
            Access::Granted(permit) => Ok(Some(Pass { line, permit })),
            Access::Refused { until } => Err(Shut { reason, until }),
        }
    }

    /// What there is to see of a service; nothing of our own stock.
    pub fn view(&self, service: Service, now: Timestamp) -> Option<BreakerView> {
        Some(self.line(service)?.breaker.view(now))
    }

    const fn line(&self, service: Service) -> Option<&Line> {
        match service {
            Service::Stock => None,
            Service::Payment => Some(&self.payment),
            Service::Shipping => Some(&self.shipping),
            Service::Mail => Some(&self.mail),
        }
    }
}

impl Trouble {
    /// Until when the service wants to be left alone. A clock that was set back does not make it longer.
    fn paused_at(&self, now: Timestamp) -> Option<Timestamp> {
        let (since, wait) = self.pause?;
        (since <= now && now < since + wait).then(|| since + wait)
    }
}

impl Line {
    fn trouble(&self) -> MutexGuard<'_, Trouble> {
        self.trouble.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Pass<'_> {
    /// Tells what came of the call: what is the matter with the service and how long it wants to be left alone, or nothing.
    /// When it works again, what waits for it in its queue goes on at once.
    pub async fn tell(
        self,
        trouble: Option<(StepReason, Option<Duration>)>,
        store: &impl Store,
        queue: &QueueName,
        now: Timestamp,
    ) {
        let turn = match trouble {
            Some((reason, retry_after)) => self.failed(reason, retry_after, now),
            None => self.answered(),
        };
        match turn {
            Some(Turn::Opened { .. }) => {
                tracing::warn!(service = queue.as_str(), "a service does not work; what needs it is put off");
            }
            Some(Turn::Closed) => {
                tracing::info!(service = queue.as_str(), "a service works again");
                if let Err(error) = store.bring_all_forward(queue, now).await {
                    // It runs all the same, at the times it was put off to.
                    tracing::warn!(service = queue.as_str(), %error, "what waits could not be brought forward");
                }
            }
            None => {}
        }
    }

    /// The service answered, be it with a refusal: it works.
    pub fn answered(self) -> Option<Turn> {
        self.line.trouble().pause = None;
        self.permit.succeeded()
    }

    /// The service did not work.
    pub fn failed(self, reason: StepReason, retry_after: Option<Duration>, now: Timestamp) -> Option<Turn> {
        *self.line.trouble() = Trouble { reason, pause: retry_after.map(|wait| (now, wait)) };
        self.permit.failed(now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONFIG: BreakerConfig =
        BreakerConfig { failures: 2, wait: Duration::from_secs(2), cap: Duration::from_secs(60) };

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_millis(seconds * 1_000)
    }

    fn fail(breakers: &Breakers, retry_after: Option<Duration>) -> Option<Turn> {
        let pass = breakers.ask(Service::Payment, at(0)).unwrap().unwrap();
        pass.failed(StepReason::ServiceBusy, retry_after, at(0))
    }

    #[test]
    fn a_service_that_does_not_work_is_left_alone_and_the_others_are_not() {
        let breakers = Breakers::new(CONFIG);
        assert_eq!(fail(&breakers, None), None);
        assert_eq!(fail(&breakers, None), Some(Turn::Opened { until: at(2) }));
        let shut = breakers.ask(Service::Payment, at(1)).unwrap_err();
        assert_eq!(shut, Shut { reason: StepReason::ServiceBusy, until: at(2) });
        assert!(breakers.ask(Service::Shipping, at(1)).unwrap().is_some());
        assert!(breakers.ask(Service::Stock, at(1)).unwrap().is_none(), "our own table needs no breaker");
    }

    #[test]
    fn a_service_that_names_its_time_is_not_asked_before() {
        let breakers = Breakers::new(CONFIG);
        fail(&breakers, None);
        fail(&breakers, Some(Duration::from_secs(30)));
        assert_eq!(breakers.ask(Service::Payment, at(3)).unwrap_err().until, at(30));
        assert!(breakers.ask(Service::Payment, at(30)).is_ok());
    }

    #[test]
    fn a_probe_that_is_answered_closes_it() {
        let breakers = Breakers::new(CONFIG);
        fail(&breakers, None);
        fail(&breakers, None);
        let probe = breakers.ask(Service::Payment, at(2)).unwrap().unwrap();
        assert!(breakers.ask(Service::Payment, at(2)).is_err(), "one probe at a time");
        assert_eq!(probe.answered(), Some(Turn::Closed));
        assert!(breakers.ask(Service::Payment, at(2)).is_ok());
    }
}
