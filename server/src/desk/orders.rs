//! Finding orders, and operators' commands on one. Each is decided on the current order, written with its audit entry
//! if the order still has that version, and decided again otherwise.

use ::orders::desk::{Act, AuditEntry, CancelOrder, DeskOrderQuery, Operator, Outcome};
use ::orders::email::EmailAddress;
use ::orders::{
    CommandContext, Event, FieldError, Order, OrderId, OrderPage, OrderRecord, Problem, ProblemCode, Reason,
    Refused, State, StepReason, StepState,
};

use super::Desk;
use super::paging::{page_size, page_token};
use crate::store::Wanted;
use crate::store::change::Change;
use crate::store::commands::Changed;
use crate::store::order_job::next_job;
use crate::store::problems::{unreadable, unwritten};

/// Attempts to write a change. A running order changes a few times a second, so losing this many races means a fault.
pub(super) const MAX_ATTEMPTS: u32 = 100;

pub(super) async fn search(desk: &Desk, query: &DeskOrderQuery) -> Result<OrderPage, Problem> {
    let before = page_token(query.page_token.as_deref())?;
    let limit = page_size(query.page_size);
    let parse_query =
        match (query.refused_by, query.mail_refused.unwrap_or(false), parse_query(query.query.as_deref())) {
            (None, false, parse_query) => parse_query,
            (Some(service), false, Wanted::All) => Wanted::RefusedBy(service),
            (None, true, Wanted::All) => Wanted::MailRefused,
            _ => {
                return Err(Problem::new(ProblemCode::MalformedQuery)
                    .detail("Use one of query, refused_by and mail_refused at a time."));
            }
        };
    let found =
        desk.store.search_orders(&parse_query, query.state, before, limit).await.map_err(unreadable)?;
    Ok(OrderPage { orders: found.orders, next_page_token: found.next.map(|count| count.to_string()) })
}

/// Interprets the words of a search. An order number nearly always has a digit and a name never has one, so six
/// letters are taken for a name.
fn parse_query(words: Option<&str>) -> Wanted {
    let Some(words) = words.map(str::trim).filter(|words| !words.is_empty()) else { return Wanted::All };
    if words.contains('@') {
        return Wanted::Email(EmailAddress::search_key(words));
    }
    if let Ok(id) = words.parse() {
        return Wanted::Id(id);
    }
    let like_a_number = words.bytes().any(|b| b.is_ascii_digit() || b == b'-');
    match words.parse() {
        Ok(number) if like_a_number => Wanted::Number(number),
        _ => Wanted::Name(words.to_owned()),
    }
}

pub(super) async fn approve(desk: &Desk, who: &Operator, id: OrderId) -> Result<Order, Problem> {
    let ways = Ways { act: Act::ApproveOrder, needs: "Only an order in review can be approved." };
    act(desk, who, id, ways, |record, now| record.approve(now).map(|event| (Some(event), None))).await
}

pub(super) async fn cancel(
    desk: &Desk,
    who: &Operator,
    id: OrderId,
    how: CancelOrder,
) -> Result<Order, Problem> {
    if !matches!(how.reason, None | Some(Reason::Operator | Reason::SuspectedFraud)) {
        let error = FieldError::new("/reason", "Use operator or suspected_fraud, or leave it out.");
        return Err(Problem::new(ProblemCode::ValidationFailed).errors(vec![error]));
    }
    let ways = Ways { act: Act::CancelOrder, needs: "An order can be cancelled until the carrier has it." };
    act(desk, who, id, ways, |record, now| {
        let reason = how.reason.unwrap_or_else(|| default_reason(&record.order));
        let event = record.order.cancel(reason, now)?;
        Ok((event, Some(reason.as_str().to_owned())))
    })
    .await
}

/// Returns the default reason of a cancellation by an operator.
fn default_reason(order: &Order) -> Reason {
    let suspected = order.steps.iter().any(|step| {
        step.state == StepState::NeedsOperator && step.reason == Some(StepReason::SuspectedFraud)
    });
    if suspected { Reason::SuspectedFraud } else { Reason::Operator }
}

pub(super) async fn hand_over(desk: &Desk, who: &Operator, id: OrderId) -> Result<Order, Problem> {
    let ways = Ways { act: Act::HandOverOrder, needs: "Only a confirmed order can be handed over." };
    act(desk, who, id, ways, |record, now| match record.order.state {
        State::Shipped => Ok((None, None)),
        _ => record.order.hand_over(now).map(|event| (Some(event), None)),
    })
    .await
}

pub(super) async fn deliver(desk: &Desk, who: &Operator, id: OrderId) -> Result<Order, Problem> {
    let ways = Ways { act: Act::DeliverOrder, needs: "Only a confirmed or shipped order can be delivered." };
    act(desk, who, id, ways, |record, now| match record.order.state {
        State::Delivered => Ok((None, None)),
        _ => record.order.deliver(now).map(|event| (Some(event), None)),
    })
    .await
}

pub(super) async fn replace_link(desk: &Desk, who: &Operator, id: OrderId) -> Result<Order, Problem> {
    for _ in 0..MAX_ATTEMPTS {
        let mut record = record(desk, id).await?;
        let from = record.order.version;
        let event = record.order.replace_link(desk.moment());
        let change = Change::of(from, record.clone(), vec![event]);
        let entry = desk.entry(who, Act::ReplaceLink, id.to_string());
        if desk.store.replace_link(change, Some(entry)).await.map_err(unwritten)? == Changed::Done {
            tracing::info!(order.id = %id, act = Act::ReplaceLink.as_str(), operator.id = who.id, "an operator acted");
            return Ok(record.order);
        }
    }
    Err(gave_up(id))
}

/// A command, and the problem when it is refused.
#[derive(Clone, Copy)]
struct Ways {
    act: Act,
    needs: &'static str,
}

/// The event, if anything changed, and the detail for the audit.
type Decided = Result<(Option<Event>, Option<String>), Refused>;

async fn act(
    desk: &Desk,
    who: &Operator,
    id: OrderId,
    ways: Ways,
    decide: impl Fn(&mut OrderRecord, CommandContext<'_>) -> Decided,
) -> Result<Order, Problem> {
    for _ in 0..MAX_ATTEMPTS {
        let mut record = record(desk, id).await?;
        let from = record.order.version;
        let entry = desk.entry(who, ways.act, id.to_string());
        match decide(&mut record, desk.moment()) {
            Ok((Some(event), detail)) => {
                let job = next_job(&record.order, record.owner, desk.now());
                let change = Change::of(from, record.clone(), vec![event]);
                let written = desk.store.decide(change, job, AuditEntry { detail, ..entry }).await;
                if written.map_err(unwritten)? == Changed::Done {
                    tracing::info!(order.id = %id, act = ways.act.as_str(), operator.id = who.id, "an operator acted");
                    return Ok(record.order);
                }
            }
            Ok((None, detail)) => {
                let entry = AuditEntry { outcome: Outcome::Unchanged, detail, ..entry };
                desk.store.note(entry).await.map_err(unwritten)?;
                return Ok(record.order);
            }
            Err(refused) => {
                let detail = Some(format!("the order is {}", refused.from.as_str()));
                let entry = AuditEntry { outcome: Outcome::Refused, detail, ..entry };
                desk.store.note(entry).await.map_err(unwritten)?;
                return Err(refusal(&record.order, refused, ways));
            }
        }
    }
    Err(gave_up(id))
}

fn gave_up(id: OrderId) -> Problem {
    tracing::error!(order.id = %id, "a change of an order lost a hundred races");
    Problem::new(ProblemCode::Overloaded).retry_after(1)
}

fn refusal(order: &Order, refused: Refused, ways: Ways) -> Problem {
    let code = match ways.act {
        Act::CancelOrder => ProblemCode::OrderNotCancellable,
        _ => ProblemCode::WrongState,
    };
    let state = refused.from.as_str().replace('_', " ");
    Problem::new(code)
        .detail(format!("The order is {state}. {}", ways.needs))
        .state(refused.from)
        .instance(order.links.this.clone())
}

async fn record(desk: &Desk, id: OrderId) -> Result<OrderRecord, Problem> {
    let found = desk.store.order_record(id).await.map_err(unreadable)?;
    found.ok_or_else(|| Problem::new(ProblemCode::NotFound).detail("There is no such order."))
}

#[cfg(test)]
mod tests {
    use ::orders::OrderNumber;

    use super::*;

    #[test]
    fn a_search_is_interpreted_by_the_form_of_its_words() {
        let number = OrderNumber::of(41);
        assert_eq!(parse_query(None), Wanted::All);
        assert_eq!(parse_query(Some("  ")), Wanted::All);
        assert_eq!(parse_query(Some("7k3 m29")), Wanted::Number("7K3-M29".parse().unwrap()));
        assert_eq!(parse_query(Some(&number.to_string())), Wanted::Number(number));
        assert_eq!(parse_query(Some("Ada@Example.org ")), Wanted::Email("ada@example.org".to_owned()));
        assert_eq!(parse_query(Some("Walter")), Wanted::Name("Walter".to_owned()));
        assert_eq!(parse_query(Some("Ada Lovelace")), Wanted::Name("Ada Lovelace".to_owned()));
        let id = "ord_01K9ZZZZZZZZZZZZZZZZZZZZZZ";
        assert_eq!(parse_query(Some(id)), Wanted::Id(id.parse().unwrap()));
    }
}
