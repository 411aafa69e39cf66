//! `logs:StartQuery`: begins a query of log groups. It is run once the call has committed.

use api::logs::{MalformedQueryException, StartQueryRequest, StartQueryResponse};
use insights::{CompileError, Query};
use platform::{Ctx, Error, Result};
use wire::{Fault, Protocol, Value};

use crate::access::{self, Group, Target};
use crate::query::{self, Layer, Progress, QueryRecord, Searched, Status};
use crate::{query_key, querying, refusals};

/// The most log groups of a query (StartQuery, `logGroupNames`).
const MOST_GROUPS: usize = 50;
/// The most queries under way in an account and Region (StartQuery).
const MOST_QUERIES: usize = 100;
/// The most rows, unless query or request say otherwise ("limit").
const ROWS: u32 = 10_000;

pub(crate) async fn start_query(ctx: &Ctx, req: StartQueryRequest) -> Result<StartQueryResponse> {
    query::check_language(req.query_language)?;
    let targets = targets(ctx, &req)?;
    let mut groups = Vec::with_capacity(targets.len());
    for target in &targets {
        let group = access::group(ctx, "logs:StartQuery", target).await;
        let group = group.map_err(|error| not_searched(error, target))?;
        group.check_not_delivery()?;
        groups.push(group);
    }
    check_time(&req, &groups)?;
    if let Err(error) = Query::parse(&req.query_string) {
        return Err(malformed(&req.query_string, &error).into());
    }
    let known = QueryRecord::all(ctx).await?;
    let under_way = known.iter().filter(|query| query.is_under_way());
    if under_way.count() >= MOST_QUERIES {
        return Err(refusals::too_many_queries(MOST_QUERIES).into());
    }
    let mut record = record(ctx, req, &groups)?;
    record.layers.extend(query_key::layer(ctx).await?);
    let id = record.id.clone();
    querying::stage(ctx, &record).await?;
    ctx.put(record.key(), record).await;
    Ok(StartQueryResponse { query_id: Some(id) })
}

/// A query says which of its groups there is not.
fn not_searched(error: Error, target: &Target) -> Error {
    match error {
        Error::Fault(fault) if fault.code(Protocol::Json11) == "ResourceNotFoundException" => {
            refusals::no_group_to_search(&target.name, &target.account).into()
        }
        other => other,
    }
}

/// The groups, each of them once.
fn targets(ctx: &Ctx, req: &StartQueryRequest) -> Result<Vec<Target>> {
    let named = usize::from(req.log_group_name.is_some())
        + usize::from(!req.log_group_names.is_empty())
        + usize::from(!req.log_group_identifiers.is_empty());
    if named != 1 {
        let text = "Exactly one of logGroupName, logGroupNames and logGroupIdentifiers must be \
                    specified.";
        return Err(refusals::invalid(text).into());
    }
    let names = req.log_group_name.iter().chain(&req.log_group_names);
    let mut targets: Vec<_> = names.map(|name| Target::named(ctx, name)).collect();
    for identifier in &req.log_group_identifiers {
        targets.push(Target::given(ctx, None, Some(identifier))?);
    }
    if targets.len() > MOST_GROUPS {
        let text = format!("A query can search at most {MOST_GROUPS} log groups.");
        return Err(refusals::invalid(text).into());
    }
    let mut distinct: Vec<Target> = Vec::with_capacity(targets.len());
    for target in targets {
        let is_known =
            |known: &Target| known.account == target.account && known.name == target.name;
        if !distinct.iter().any(is_known) {
            distinct.push(target);
        }
    }
    Ok(distinct)
}

fn check_time(req: &StartQueryRequest, groups: &[Group]) -> Result<()> {
    if req.end_time < req.start_time {
        let text = "The end time of the query must not be earlier than its start time.";
        return Err(refusals::invalid(text).into());
    }
    let end_millis = millis_behind(req.end_time);
    let created = groups.iter().map(|group| group.created_millis).min();
    match created {
        Some(created) if end_millis <= created => {
            let text = "Query's end date and time is either before the log groups creation time \
                        or exceeds the log groups log retention settings";
            Err(MalformedQueryException::new(text).into())
        }
        _ => Ok(()),
    }
}

/// The first millisecond behind the second, which is part of what is searched.
fn millis_behind(secs: i64) -> i64 {
    secs.saturating_add(1).saturating_mul(1000)
}

fn record(ctx: &Ctx, req: StartQueryRequest, groups: &[Group]) -> Result<QueryRecord> {
    let searched = groups.iter().map(|group| Searched {
        account: group.account.clone(),
        name: group.name.clone(),
        id: group.id.clone(),
    });
    let layers = groups.iter().filter_map(|group| {
        let (_, data_key) = group.current_data_key()?;
        Some(Layer {
            arn: group.arn.clone(),
            data_key: data_key.clone(),
        })
    });
    Ok(QueryRecord {
        id: ctx.new_uuid()?,
        account: ctx.account().to_owned(),
        region: ctx.region.clone(),
        groups: searched.collect(),
        start_millis: req.start_time.saturating_mul(1000),
        end_millis: millis_behind(req.end_time),
        limit: req
            .limit
            .and_then(|limit| u32::try_from(limit).ok())
            .unwrap_or(ROWS),
        created_millis: ctx.now.millis,
        user: ctx.caller.arn.clone(),
        status: Status::Scheduled,
        progress: Progress::default(),
        layers: layers.collect(),
        text: req.query_string,
    })
}

/// The error for a query that is not understood, with the characters that it is about.
fn malformed(text: &str, error: &CompileError) -> Fault {
    let characters = |end: usize| {
        let before = text.get(..end).unwrap_or(text).chars().count();
        Some(Value::Integer(i64::try_from(before).unwrap_or(i64::MAX)))
    };
    let location = vec![characters(error.span.start), characters(error.span.end)];
    let message = Value::String(error.message.clone().into());
    let compile_error = vec![Some(Value::Structure(location)), Some(message)];
    let fault = MalformedQueryException::new(&*error.message);
    fault.with_members(vec![Some(Value::Structure(compile_error))])
}
