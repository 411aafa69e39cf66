//! `logs:GetQueryResults`: shows how far a query is, and what it found once it is done.

use api::logs::{GetQueryResultsRequest, GetQueryResultsResponse, QueryLanguage, ResultField};
use platform::{Ctx, Result};

use crate::query::{QueryRecord, ShownRow, Status};
use crate::{query_key, refusals};

/// The most rows of a page (GetQueryResults, `maxItems`).
const MOST_ROWS: usize = 10_000;

pub(crate) async fn get_query_results(
    ctx: &Ctx,
    req: GetQueryResultsRequest,
) -> Result<GetQueryResultsResponse> {
    let query = QueryRecord::readable(ctx, "logs:GetQueryResults", &req.query_id).await?;
    let first = match &req.next_token {
        None => 0,
        Some(token) => beginning(token, &query).ok_or_else(refusals::bad_token)?,
    };
    let most = req.max_items.and_then(|most| usize::try_from(most).ok());
    let most = most.filter(|most| *most > 0).unwrap_or(MOST_ROWS);
    let rows = match query.status {
        Status::Complete => query.rows(ctx, first, most).await?,
        _ => Vec::new(),
    };
    let behind = first + rows.len();
    let has_more = !rows.is_empty() && (behind as u64) < query.progress.rows;
    Ok(GetQueryResultsResponse {
        query_language: Some(QueryLanguage::Cwli),
        results: Some(rows.into_iter().map(shown).collect()),
        statistics: Some(query.statistics()),
        status: Some(query.status.into()),
        encryption_key: query.kms_key(&query_key::arn(ctx)).map(str::to_owned),
        next_token: has_more.then(|| format!("{}/{behind}", query.id)),
    })
}

/// Where the page of a token begins; a token is of one query.
fn beginning(token: &str, query: &QueryRecord) -> Option<usize> {
    let (id, first) = token.split_once('/')?;
    (id == query.id).then(|| first.parse().ok())?
}

fn shown(row: ShownRow) -> Vec<ResultField> {
    let fields = row.into_iter().map(|(field, value)| ResultField {
        field: Some(field),
        value: Some(value),
    });
    fields.collect()
}
