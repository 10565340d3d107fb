//! One suite for every store: the rules of [`Store`](crate::Store) as sentences that can fail.
//!
//! A store implements [`Harness`] in its tests and names it once; the macro makes one tokio test of each
//! sentence (the crate that calls it needs tokio with `macros` and `rt-multi-thread`):
//!
//! ```text
//! queue::conformance!(SqliteHarness);
//! ```

pub mod agreement;
pub mod claim;
pub mod enqueue;
pub mod fair_share;
mod fixture;
mod harness;
pub mod heartbeat;
pub mod intervention;
pub mod look;
pub mod pause;
pub mod prune;
pub mod rescue;
pub mod settle;

pub use harness::{EffectOf, Harness};

/// Makes a test of every sentence for the given [`Harness`].
#[macro_export]
macro_rules! conformance {
    ($harness:ty) => {
        $crate::conformance! { $harness;
            enqueue::an_enqueued_job_is_available_with_its_fields,
            enqueue::later_jobs_have_higher_ids,
            enqueue::jobs_without_an_exclusive_key_do_not_affect_each_other,
            enqueue::a_new_job_moves_the_waiting_job_with_its_exclusive_key,
            enqueue::a_moved_job_begins_with_no_attempts_and_no_error,
            enqueue::a_new_job_is_dropped_while_a_job_with_its_exclusive_key_runs,
            enqueue::the_exclusive_key_holds_among_the_jobs_of_one_call,
            enqueue::an_exclusive_key_is_free_when_its_job_is_no_longer_live,
            enqueue::concurrent_enqueues_leave_one_live_job_per_exclusive_key,
            claim::due_jobs_are_claimed_by_their_time_and_then_by_their_id,
            claim::a_job_is_not_claimed_before_its_time,
            claim::a_claim_takes_no_more_than_its_limit,
            claim::a_claim_takes_only_from_its_queue,
            claim::an_attempt_is_counted_when_it_is_claimed,
            claim::a_claimed_job_is_not_claimed_again,
            claim::concurrent_claims_never_share_a_job,
            claim::a_lease_expires_when_its_claim_said,
            claim::a_later_claim_has_a_higher_fence_whatever_happened_in_between,
            heartbeat::a_heartbeat_renews_held_leases,
            heartbeat::a_heartbeat_leaves_out_lost_leases,
            heartbeat::a_stale_heartbeat_does_not_renew_the_lease_of_the_successor,
            heartbeat::an_expired_lease_is_held_until_it_is_rescued,
            heartbeat::a_heartbeat_without_leases_renews_nothing,
            fair_share::a_thousand_jobs_of_one_key_do_not_starve_the_single_job_of_another,
            fair_share::waiting_fairness_keys_are_served_in_turns,
            fair_share::the_earliest_job_of_a_fairness_key_comes_first,
            fair_share::a_fairness_key_that_comes_back_has_neither_debt_nor_credit,
            fair_share::fairness_keys_of_one_queue_do_not_affect_another,
            fair_share::a_retried_job_queues_up_again,
            fair_share::two_busy_fairness_keys_are_never_two_jobs_apart,
            agreement::a_store_does_what_the_reference_store_does,
            settle::a_completed_job_has_its_effect_once,
            settle::a_job_without_an_effect_completes_too,
            settle::a_failed_attempt_is_available_later_with_its_error,
            settle::a_failed_last_attempt_is_quarantined,
            settle::a_snoozed_attempt_is_not_counted,
            settle::a_quarantined_job_waits_for_an_operator,
            settle::an_effect_is_written_with_every_outcome,
            settle::a_lease_settles_once,
            settle::concurrent_settlements_of_one_lease_write_one_effect,
            settle::a_late_settlement_after_a_rescue_writes_nothing,
            settle::a_stale_fence_does_not_settle_the_claim_of_its_successor,
            settle::a_refused_effect_comes_back_and_changes_nothing,
            settle::a_refused_settlement_can_be_settled_with_another_effect,
            settle::following_jobs_are_enqueued_with_the_settlement,
            settle::the_next_job_with_the_exclusive_key_is_added_at_completion,
            settle::the_next_job_with_the_exclusive_key_replaces_a_failed_attempt,
            settle::the_next_job_is_dropped_while_a_job_with_its_exclusive_key_runs,
            rescue::a_job_with_an_expired_lease_is_available_at_once,
            rescue::a_lease_that_has_not_expired_is_left_alone,
            rescue::a_renewed_lease_is_left_alone,
            rescue::a_job_that_crashed_its_last_worker_is_claimed_once_more_to_be_quarantined,
            rescue::jobs_that_crash_repeatedly_become_available_at_different_times,
            rescue::rescuing_a_worker_takes_back_its_jobs_and_no_others,
            rescue::a_dead_worker_settles_nothing,
            look::the_next_due_date_is_that_of_the_earliest_job,
            look::nothing_is_due_when_nothing_waits,
            look::an_unknown_id_is_not_found,
            look::a_list_is_filtered_and_paged_newest_first,
            look::a_list_shows_a_job_in_each_of_its_states,
            look::queues_count_their_jobs_by_state,
            pause::a_paused_queue_claims_nothing_until_it_is_resumed,
            pause::a_pause_does_not_affect_other_queues,
            pause::running_jobs_continue_during_a_pause,
            pause::pausing_and_resuming_are_idempotent,
            intervention::waiting_jobs_are_brought_forward_the_earliest_first,
            intervention::a_retried_job_is_available_at_once_without_attempts,
            intervention::only_a_quarantined_job_is_retried,
            intervention::a_retry_waits_for_its_exclusive_key,
            intervention::waiting_and_quarantined_jobs_are_discarded,
            intervention::a_running_or_finished_job_is_not_discarded,
            prune::finished_jobs_are_pruned_by_age,
            prune::a_prune_takes_no_more_than_its_limit,
            prune::live_and_quarantined_jobs_are_never_pruned,
        }
    };
    ($harness:ty; $($theme:ident :: $sentence:ident,)+) => {
        $(
            #[::tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $sentence() {
                $crate::conformance::$theme::$sentence::<$harness>().await;
            }
        )+
    };
}
