//! `ssm:GetParameterHistory`: the versions of a parameter, from the oldest that is kept.

use api::ssm::{GetParameterHistoryRequest, GetParameterHistoryResult, ParameterHistory};
use platform::{Ctx, Error, Result};
use wire::Timestamp;

use crate::access::{self, Asked};
use crate::lifetime::Clause;
use crate::names::{Place, Reference};
use crate::parameter::{ParameterRecord, Version};
use crate::refusals;

/// The most versions of a page.
const MOST: usize = 50;

pub(crate) async fn get_parameter_history(
    ctx: &Ctx,
    req: GetParameterHistoryRequest,
) -> Result<GetParameterHistoryResult> {
    let reference = Reference::without_selector(ctx, &req.name)?;
    let place = &reference.place;
    let asked = Asked::default();
    let found = access::parameter(ctx, "ssm:GetParameterHistory", place, asked).await?;
    let found = found.filter(|found| found.is_meant(&reference, ctx.now.millis));
    let record = found.ok_or_else(refusals::no_parameter)?;
    let behind = match &req.next_token {
        None => 0,
        Some(token) => token.parse().map_err(|_| refusals::bad_token())?,
    };
    let limit = req.max_results.and_then(|most| usize::try_from(most).ok());
    let limit = limit.unwrap_or(MOST);
    let (last, mut shown) = (record.current.number, Vec::new());
    let first = record.oldest.max(behind + 1);
    for number in (first..=last).take(limit) {
        let picked = record.version(ctx, place, number).await?;
        let picked = picked.ok_or_else(|| Error::dangling("a version of a parameter"))?;
        let version = picked.of(&record);
        shown.push(history(ctx, (place, &record, version), req.with_decryption).await?);
    }
    let end = shown.last().and_then(|it| it.version);
    let next = end.filter(|end| *end < last);
    Ok(GetParameterHistoryResult {
        parameters: Some(shown),
        next_token: next.map(|end| end.to_string()),
    })
}

async fn history(
    ctx: &Ctx,
    (place, record, version): (&Place, &ParameterRecord, &Version),
    with_decryption: bool,
) -> Result<ParameterHistory> {
    let value = match with_decryption {
        true => version.content.open(ctx, &place.arn()).await?,
        false => version.content.shown(),
    };
    let clauses: &[_] = match version.number == record.current.number {
        true => &record.clauses,
        false => &[],
    };
    let modified = Timestamp {
        millis: version.modified_millis,
    };
    Ok(ParameterHistory {
        name: Some(record.name.clone()),
        r#type: Some(version.kind.shown()),
        key_id: version.key_id.clone(),
        last_modified_date: Some(modified),
        last_modified_user: Some(version.modified_by.clone()),
        description: version.description.clone(),
        value: Some(value),
        allowed_pattern: version.allowed_pattern.clone(),
        version: Some(version.number),
        labels: Some(record.labels_of(version.number)),
        tier: Some(version.tier.shown()),
        policies: Some(clauses.iter().map(Clause::shown).collect()),
        data_type: Some(version.data_type.clone()),
    })
}
