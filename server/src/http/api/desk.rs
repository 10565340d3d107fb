//! The calls of operators, with an API key of the scope `desk`.

use axum::routing::{get, post};
use orders::ProblemCode;
use orders::ProblemCode as Is;

use super::call::{Call, json};
use super::shop::CHANGED;
use crate::http::desk::{audit, jobs, orders as many, overview, queues};

/// The calls of the desk.
pub(super) fn calls() -> Vec<Call> {
    vec![
        Call {
            method: "get",
            path: "/desk/overview",
            name: "getOverview",
            summary: "See the whole desk at a glance",
            parameters: &[],
            body: None,
            answers: vec![json(200, "The desk at this moment", "Overview")],
            problems: &[Is::Unauthorized, Is::Forbidden],
            handler: get(overview::overview),
        },
        Call {
            method: "get",
            path: "/desk/queues",
            name: "listQueues",
            summary: "List the queues, one for each service",
            parameters: &[],
            body: None,
            answers: vec![json(200, "The queues", "QueuePage")],
            problems: &[Is::Unauthorized, Is::Forbidden],
            handler: get(queues::list),
        },
        Call {
            method: "post",
            path: "/desk/queues/{name}/pause",
            name: "pauseQueue",
            summary: "Hand out no more work of a queue; what is being done is finished",
            parameters: &["queue_name"],
            body: None,
            answers: vec![json(200, "The queue as it is now", "Queue")],
            problems: &ACT_ON_QUEUE,
            handler: post(queues::pause),
        },
        Call {
            method: "post",
            path: "/desk/queues/{name}/resume",
            name: "resumeQueue",
            summary: "Hand out the work of a queue again",
            parameters: &["queue_name"],
            body: None,
            answers: vec![json(200, "The queue as it is now", "Queue")],
            problems: &ACT_ON_QUEUE,
            handler: post(queues::resume),
        },
        Call {
            method: "get",
            path: "/desk/jobs",
            name: "listJobs",
            summary: "List jobs, newest first",
            parameters: &["job_state", "job_queue", "page_size", "page_token"],
            body: None,
            answers: vec![json(200, "Jobs", "JobPage")],
            problems: &[Is::MalformedQuery, Is::Unauthorized, Is::Forbidden],
            handler: get(jobs::list),
        },
        Call {
            method: "get",
            path: "/desk/jobs/{id}",
            name: "getJob",
            summary: "Read one job",
            parameters: &["job_id"],
            body: None,
            answers: vec![json(200, "The job", "Job")],
            problems: &[Is::Unauthorized, Is::Forbidden, Is::NotFound],
            handler: get(jobs::one),
        },
        Call {
            method: "post",
            path: "/desk/jobs/{id}/retry",
            name: "retryJob",
            summary: "Give a quarantined job another chance, and put its order back to work",
            parameters: &["job_id"],
            body: None,
            answers: vec![json(202, "The job as it is now", "Job")],
            problems: &ACT,
            handler: post(jobs::retry),
        },
        Call {
            method: "post",
            path: "/desk/jobs/{id}/discard",
            name: "discardJob",
            summary: "Drop a job, unless its order would never end without it",
            parameters: &["job_id"],
            body: None,
            answers: vec![json(200, "The job as it is now", "Job")],
            problems: &ACT,
            handler: post(jobs::discard),
        },
        Call {
            method: "get",
            path: "/desk/orders",
            name: "findOrders",
            summary: "Find orders of all customers by number, id, e-mail, name or state, newest first",
            parameters: &["desk_query", "state", "refused_by", "mail_refused", "page_size", "page_token"],
            body: None,
            answers: vec![json(200, "Orders", "OrderPage")],
            problems: &[Is::MalformedQuery, Is::Unauthorized, Is::Forbidden],
            handler: get(many::list),
        },
        Call {
            method: "post",
            path: "/desk/orders/{id}/approve",
            name: "approveOrder",
            summary: "Let an order in review go on",
            parameters: &["id"],
            body: None,
            answers: vec![CHANGED],
            problems: &ACT,
            handler: post(many::approve),
        },
        Call {
            method: "post",
            path: "/desk/orders/{id}/cancel",
            name: "cancelAnyOrder",
            summary: "Cancel an order of any customer; again is the same as once. The body may be left out",
            parameters: &["id"],
            body: Some("CancelOrder"),
            answers: vec![CHANGED],
            problems: &CANCEL,
            handler: post(many::cancel),
        },
        Call {
            method: "post",
            path: "/desk/orders/{id}/hand-over",
            name: "handOverOrder",
            summary: "Note that the carrier has the parcel",
            parameters: &["id"],
            body: None,
            answers: vec![CHANGED],
            problems: &ACT,
            handler: post(many::hand_over),
        },
        Call {
            method: "post",
            path: "/desk/orders/{id}/deliver",
            name: "deliverOrder",
            summary: "Note that the parcel has arrived",
            parameters: &["id"],
            body: None,
            answers: vec![CHANGED],
            problems: &ACT,
            handler: post(many::deliver),
        },
        Call {
            method: "get",
            path: "/desk/audit",
            name: "listAudit",
            summary: "List what operators did, newest first",
            parameters: &["subject", "page_size", "page_token"],
            body: None,
            answers: vec![json(200, "Acts of operators", "AuditPage")],
            problems: &[Is::MalformedQuery, Is::Unauthorized, Is::Forbidden],
            handler: get(audit::list),
        },
    ]
}

const ACT_ON_QUEUE: [ProblemCode; 5] =
    [Is::Unauthorized, Is::Forbidden, Is::NotFound, Is::Overloaded, Is::CommitUnknown];

const ACT: [ProblemCode; 6] =
    [Is::Unauthorized, Is::Forbidden, Is::NotFound, Is::WrongState, Is::Overloaded, Is::CommitUnknown];

const CANCEL: [ProblemCode; 10] = [
    Is::MalformedJson,
    Is::Unauthorized,
    Is::Forbidden,
    Is::NotFound,
    Is::OrderNotCancellable,
    Is::BodyTooLarge,
    Is::UnsupportedMediaType,
    Is::ValidationFailed,
    Is::Overloaded,
    Is::CommitUnknown,
];
