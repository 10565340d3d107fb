//! Faults that the checker must find, each made of what the real store does anyway.

use queue::{Fence, Lease, Outcome, Settlement, Store};

use crate::desk::Desk;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Planted {
    /// The rules as they are.
    Nothing,
    /// `settle` asks whether the job runs, and not whether it runs under this claim.
    NoFence,
    /// `settle` asks whether the lease has run out by the clock, and not whether it is held.
    LeaseTrustedByClock,
    /// The attempt counts when it ends and not when the job is claimed, so a killed worker has made none.
    CrashIsNoAttempt,
    /// The effect is a transaction of its own, before the settlement.
    EffectBesideSettlement,
    /// The next job is not part of the settlement, and its worker dies in between.
    NextIsForgotten,
    /// A spent job is put aside, and the order does not hear of it.
    PutAsideInSilence,
    /// Jobs of an order have no exclusive key.
    NoExclusiveKey,
    /// Nobody looks for jobs whose workers are gone.
    NobodyRescues,
    /// A beat extends the worker's trust whatever the store says.
    TrustWithoutAnswer,
}

impl Planted {
    /// The claim that a settlement is compared with.
    pub fn lease_to_compare(self, desk: &Desk, lease: &Lease) -> Lease {
        const NOBODYS: Fence = Fence(-1);
        let whoever_holds_it = desk.ledger.holder(lease.job).unwrap_or(NOBODYS);
        let fence = match self {
            Self::NoFence => whoever_holds_it,
            Self::LeaseTrustedByClock if desk.now() < lease.expires_at => whoever_holds_it,
            Self::LeaseTrustedByClock => NOBODYS,
            _ => lease.fence,
        };
        Lease { fence, ..*lease }
    }

    /// Rescues as if the attempts of those who died had not been made.
    pub fn take_back_uncounted(self, desk: &mut Desk) {
        let now = desk.now();
        let mut after = desk.clone();
        after.ask(async |store| store.rescue(now).await);
        after.look_again();
        for (job, seen) in desk.ledger.live.clone() {
            let Some(fence) = seen.holder.filter(|_| after.ledger.holder(job).is_none()) else { continue };
            let settlement = Settlement {
                lease: Lease { job, fence, expires_at: now },
                now,
                outcome: Outcome::Snooze { run_at: now, error: None },
                effect: None,
                next: Vec::new(),
            };
            desk.ask(async |store| store.settle(settlement).await);
        }
    }
}
