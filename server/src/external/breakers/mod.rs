//! The circuit breakers of the external services: a failing service is not called for a while, and its jobs wait. The
//! same happens to a service that refuses our calls ([`refusals`]).

mod refusals;

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use orders::{OrderId, Service, StepReason};
use queue::{Access, Breaker, BreakerConfig, BreakerState, BreakerView, Permit, QueueName, Timestamp, Turn};

pub use self::refusals::{Refused, ServiceRefusing};

use self::refusals::{Classified, Refusals};
use crate::external::gateways::{Failure, Refusal};
use crate::store::Jobs;

/// A breaker for each external service. Our own stock table needs none.
#[derive(Debug)]
pub struct Breakers {
    payment: ServiceBreaker,
    shipping: ServiceBreaker,
    mail: ServiceBreaker,
}

/// The breaker of one service, with the reason why it is open.
#[derive(Debug)]
struct ServiceBreaker {
    service: Service,
    breaker: Breaker,
    fault: Mutex<ServiceFault>,
    refusals: Mutex<Refusals>,
}

/// Why a service is unavailable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ServiceFault {
    /// The reason that the order shows.
    pub reason: StepReason,
    /// When the service sent a `Retry-After`, and its length.
    pub pause: Option<(Timestamp, Duration)>,
}

/// The service is not to be called now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CircuitOpen {
    /// The reason that the order shows.
    pub reason: StepReason,
    /// When to try again.
    pub until: Timestamp,
}

/// The permission for one call, to be given its result. Dropped without a result, it changes nothing.
#[derive(Debug)]
#[must_use]
pub struct CallPermit<'a> {
    target: &'a ServiceBreaker,
    permit: Permit,
}

impl Breakers {
    /// Returns closed breakers.
    pub fn new(config: BreakerConfig) -> Self {
        let breaker = |service| ServiceBreaker {
            service,
            breaker: Breaker::new(config),
            fault: Mutex::new(ServiceFault { reason: StepReason::ServiceDown, pause: None }),
            refusals: Mutex::default(),
        };
        Self {
            payment: breaker(Service::Payment),
            shipping: breaker(Service::Shipping),
            mail: breaker(Service::Mail),
        }
    }

    /// Requests the permission for one call; none is needed for our own stock table.
    ///
    /// # Errors
    /// When the service is not to be called now.
    pub fn request_permit(
        &self,
        service: Service,
        now: Timestamp,
    ) -> Result<Option<CallPermit<'_>>, CircuitOpen> {
        let Some(target) = self.breaker_of(service) else { return Ok(None) };
        let fault = *target.fault();
        let reason = fault.reason;
        if let Some(until) = fault.paused_at(now)
            && target.breaker.view(now).state != BreakerState::Closed
        {
            return Err(CircuitOpen { reason, until });
        }
        match target.breaker.ask(now) {
            Access::Granted(permit) => Ok(Some(CallPermit { target, permit })),
            Access::Refused { until } => Err(CircuitOpen { reason, until }),
        }
    }

    /// Returns the state of a breaker; none for our own stock table.
    pub fn view(&self, service: Service, now: Timestamp) -> Option<BreakerView> {
        Some(self.breaker_of(service)?.breaker.view(now))
    }

    /// Returns since when and how a service refuses all our calls, while it does.
    pub fn refusal(&self, service: Service, now: Timestamp) -> Option<ServiceRefusing> {
        let target = self.breaker_of(service)?;
        target.refusals().all_calls().filter(|_| target.breaker.view(now).state == BreakerState::Refused)
    }

    const fn breaker_of(&self, service: Service) -> Option<&ServiceBreaker> {
        match service {
            Service::Stock => None,
            Service::Payment => Some(&self.payment),
            Service::Shipping => Some(&self.shipping),
            Service::Mail => Some(&self.mail),
        }
    }
}

impl ServiceFault {
    /// Returns until when the service asked not to be called. A clock that was set back does not extend it.
    fn paused_at(&self, now: Timestamp) -> Option<Timestamp> {
        let (since, wait) = self.pause?;
        (since <= now && now < since + wait).then(|| since + wait)
    }
}

impl ServiceBreaker {
    fn fault(&self) -> MutexGuard<'_, ServiceFault> {
        self.fault.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn refusals(&self) -> MutexGuard<'_, Refusals> {
        self.refusals.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl CallPermit<'_> {
    /// Records the result of a call, and decides what a refusal is about. When the service becomes available again,
    /// the waiting jobs of its queue become due at once.
    pub async fn record(
        self,
        order: OrderId,
        failure: Option<&Failure>,
        store: &dyn Jobs,
        queue: &QueueName,
        now: Timestamp,
    ) -> Option<Refused> {
        let target = self.target;
        let (turn, record_refusal) =
            match (failure.and_then(Failure::refusal), failure.and_then(Failure::service_fault)) {
                (Some(refusal), _) => {
                    let (turn, record_refusal) = self.record_refusal(order, refusal, now);
                    (turn, Some(record_refusal))
                }
                (None, Some((reason, retry_after))) => (self.record_failure(reason, retry_after, now), None),
                (None, None) => (self.record_answer(order), None),
            };
        match turn {
            Some(Turn::Opened { .. }) => {
                tracing::warn!(service = queue.as_str(), "a service is unavailable; its jobs are postponed");
            }
            Some(Turn::Closed) => {
                if target.refusals().end().is_some() {
                    tracing::info!(service = queue.as_str(), "a service accepts our calls again");
                } else {
                    tracing::info!(service = queue.as_str(), "a service is available again");
                }
                if let Err(error) = store.bring_all_forward(queue, now).await {
                    // The jobs still run at their scheduled times.
                    tracing::warn!(service = queue.as_str(), %error, "waiting jobs could not be made due");
                }
            }
            Some(Turn::Refused { .. }) | None => {}
        }
        record_refusal
    }

    /// Records an answer. A refusal of the customer's data is an answer, too.
    pub fn record_answer(self, order: OrderId) -> Option<Turn> {
        self.target.fault().pause = None;
        self.target.refusals().call_accepted(order);
        self.permit.succeeded()
    }

    /// Records a failure of the service.
    pub fn record_failure(
        self,
        reason: StepReason,
        retry_after: Option<Duration>,
        now: Timestamp,
    ) -> Option<Turn> {
        *self.target.fault() = ServiceFault { reason, pause: retry_after.map(|wait| (now, wait)) };
        self.permit.failed(now)
    }

    /// Records a refusal, and logs once as an error what to do about it.
    pub fn record_refusal(
        self,
        order: OrderId,
        refusal: &Refusal,
        now: Timestamp,
    ) -> (Option<Turn>, Refused) {
        let Self { target, permit } = self;
        let judged = target.refusals().classify(order, refusal, now);
        match judged {
            Classified::NewForService | Classified::KnownForService => {
                let turn = permit.refused(now);
                if turn.is_some() {
                    *target.fault() = ServiceFault { reason: StepReason::ServiceRefusesUs, pause: None };
                }
                match (judged, turn) {
                    (Classified::NewForService, Some(_)) => log_service_refusal(target.service, refusal),
                    // The call was permitted before the breaker last changed, so newer knowledge counts.
                    (Classified::NewForService, None) => drop(target.refusals().end()),
                    _ => {}
                }
                (turn, Refused::AllCalls)
            }
            Classified::NewForOrder => {
                log_order_refusal(target.service, order, refusal);
                target.fault().pause = None;
                (permit.succeeded(), Refused::ThisOrder)
            }
            Classified::KnownForOrder => {
                // Only the call of another order can show that a service accepts calls again.
                let waits_for_another = target.refusals().all_calls().is_some();
                (if waits_for_another { None } else { permit.succeeded() }, Refused::ThisOrder)
            }
        }
    }
}

fn log_service_refusal(service: Service, Refusal { status, detail, settings, .. }: &Refusal) {
    tracing::error!(
        service = service.as_str(),
        status,
        detail,
        "a service refuses our calls: check {settings}; orders wait and go on by themselves once that is corrected"
    );
}

fn log_order_refusal(service: Service, order: OrderId, Refusal { status, detail, settings, .. }: &Refusal) {
    tracing::error!(
        service = service.as_str(),
        order.id = %order,
        status,
        detail,
        "a service refuses one order and accepts others: check the order, then {settings}; it is retried now and then"
    );
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::external::gateways::RefusalScope;

    const CONFIG: BreakerConfig = BreakerConfig {
        failures: 2,
        wait: Duration::from_secs(2),
        cap: Duration::from_secs(60),
        refused_wait: Duration::from_secs(60),
    };

    fn order(n: u8) -> OrderId {
        OrderId::new(orders::Timestamp::from_millis(0), [n; 10])
    }

    fn refusal(status: u16, scope: RefusalScope) -> Refusal {
        Refusal { status: Some(status), scope, detail: String::new(), settings: "" }
    }

    fn refuse(breakers: &Breakers, n: u8, status: u16, scope: RefusalScope, now: Timestamp) -> Refused {
        let pass = breakers.request_permit(Service::Payment, now).unwrap().unwrap();
        pass.record_refusal(order(n), &refusal(status, scope), now).1
    }

    fn take(breakers: &Breakers, n: u8, now: Timestamp) -> Option<Turn> {
        breakers.request_permit(Service::Payment, now).unwrap().unwrap().record_answer(order(n))
    }

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_millis(seconds * 1_000)
    }

    fn fail(breakers: &Breakers, retry_after: Option<Duration>) -> Option<Turn> {
        let pass = breakers.request_permit(Service::Payment, at(0)).unwrap().unwrap();
        pass.record_failure(StepReason::ServiceBusy, retry_after, at(0))
    }

    #[test]
    fn a_failing_service_is_not_called_and_the_others_are() {
        let breakers = Breakers::new(CONFIG);
        assert_eq!(fail(&breakers, None), None);
        assert_eq!(fail(&breakers, None), Some(Turn::Opened { until: at(2) }));
        let shut = breakers.request_permit(Service::Payment, at(1)).unwrap_err();
        assert_eq!(shut, CircuitOpen { reason: StepReason::ServiceBusy, until: at(2) });
        assert!(breakers.request_permit(Service::Shipping, at(1)).unwrap().is_some());
        assert!(
            breakers.request_permit(Service::Stock, at(1)).unwrap().is_none(),
            "our own table needs no breaker"
        );
    }

    #[test]
    fn a_service_is_not_called_before_its_retry_after() {
        let breakers = Breakers::new(CONFIG);
        fail(&breakers, None);
        fail(&breakers, Some(Duration::from_secs(30)));
        assert_eq!(breakers.request_permit(Service::Payment, at(3)).unwrap_err().until, at(30));
        assert!(breakers.request_permit(Service::Payment, at(30)).is_ok());
    }

    #[test]
    fn a_probe_that_is_answered_closes_it() {
        let breakers = Breakers::new(CONFIG);
        fail(&breakers, None);
        fail(&breakers, None);
        let probe = breakers.request_permit(Service::Payment, at(2)).unwrap().unwrap();
        assert!(breakers.request_permit(Service::Payment, at(2)).is_err(), "one probe at a time");
        assert_eq!(probe.record_answer(order(1)), Some(Turn::Closed));
        assert!(breakers.request_permit(Service::Payment, at(2)).is_ok());
    }

    #[test]
    fn a_wrong_key_allows_one_probe_per_wait_until_a_call_is_accepted() {
        let breakers = Breakers::new(CONFIG);
        take(&breakers, 1, at(0));
        assert_eq!(refuse(&breakers, 2, 401, RefusalScope::AllCalls, at(0)), Refused::AllCalls);
        let shut = breakers.request_permit(Service::Payment, at(59)).unwrap_err();
        assert_eq!(shut, CircuitOpen { reason: StepReason::ServiceRefusesUs, until: at(60) });
        assert_eq!(refuse(&breakers, 3, 401, RefusalScope::AllCalls, at(60)), Refused::AllCalls);
        assert!(breakers.request_permit(Service::Payment, at(119)).is_err());
        let known = breakers.refusal(Service::Payment, at(119)).unwrap();
        assert_eq!((known.since, known.refusal.status), (at(0), Some(401)), "since the first one");
        assert!(
            breakers.request_permit(Service::Shipping, at(60)).is_ok(),
            "the others are called as before"
        );
        assert_eq!(take(&breakers, 2, at(120)), Some(Turn::Closed));
        assert_eq!(breakers.refusal(Service::Payment, at(120)), None);
    }

    #[test]
    fn a_refused_call_is_the_fault_of_its_order_only_while_the_service_takes_others() {
        let breakers = Breakers::new(CONFIG);
        take(&breakers, 1, at(0));
        assert_eq!(refuse(&breakers, 2, 400, RefusalScope::ThisCall, at(0)), Refused::ThisOrder);
        for minute in 1..5 {
            let again = refuse(&breakers, 2, 400, RefusalScope::ThisCall, at(minute * 60));
            assert_eq!(again, Refused::ThisOrder, "the same order says nothing new");
        }
        assert_eq!(take(&breakers, 3, at(300)), None, "the way is open");
        assert_eq!(refuse(&breakers, 4, 404, RefusalScope::ThisCall, at(300)), Refused::ThisOrder);
        let second = refuse(&breakers, 5, 404, RefusalScope::ThisCall, at(300));
        assert_eq!(second, Refused::AllCalls, "two orders in a row, and none was taken in between");
        assert!(breakers.request_permit(Service::Payment, at(359)).is_err());
    }

    #[test]
    fn a_refusal_of_the_first_call_after_a_start_concerns_the_settings() {
        let breakers = Breakers::new(CONFIG);
        assert_eq!(refuse(&breakers, 1, 404, RefusalScope::ThisCall, at(0)), Refused::AllCalls);
    }

    #[test]
    fn an_individually_refused_order_does_not_delay_others() {
        let breakers = Breakers::new(CONFIG);
        take(&breakers, 1, at(0));
        assert_eq!(refuse(&breakers, 2, 400, RefusalScope::ThisCall, at(0)), Refused::ThisOrder);
        assert_eq!(refuse(&breakers, 3, 401, RefusalScope::AllCalls, at(0)), Refused::AllCalls);
        assert_eq!(refuse(&breakers, 2, 400, RefusalScope::ThisCall, at(60)), Refused::ThisOrder);
        assert_eq!(take(&breakers, 3, at(60)), Some(Turn::Closed), "the next order probes at once");
    }

    #[test]
    fn an_outage_does_not_clear_a_refusal() {
        let breakers = Breakers::new(CONFIG);
        refuse(&breakers, 1, 401, RefusalScope::AllCalls, at(0));
        let probe = breakers.request_permit(Service::Payment, at(60)).unwrap().unwrap();
        probe.record_failure(StepReason::ServiceDown, None, at(60));
        assert_eq!(
            breakers.request_permit(Service::Payment, at(61)).unwrap_err().reason,
            StepReason::ServiceDown
        );
        assert_eq!(breakers.refusal(Service::Payment, at(61)), None, "what it says now is nothing");
        assert_eq!(refuse(&breakers, 1, 401, RefusalScope::AllCalls, at(62)), Refused::AllCalls);
        assert_eq!(breakers.refusal(Service::Payment, at(62)).unwrap().since, at(0), "it was told of before");
    }
}
