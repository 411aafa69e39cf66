//! `logs:DescribeQueries`: lists the queries that are or were run lately, the latest first.

use api::logs::{
    DescribeQueriesRequest, DescribeQueriesResponse, QueryInfo, QueryLanguage, QueryStatus,
};
use platform::{Ctx, Result};

use crate::query::{QueryRecord, count};
use crate::{access, names};

/// The most queries of a page (DescribeQueries, `maxResults`).
const MOST: usize = 1000;

pub(crate) async fn describe_queries(
    ctx: &Ctx,
    req: DescribeQueriesRequest,
) -> Result<DescribeQueriesResponse> {
    access::everything(ctx, "logs:DescribeQueries").await?;
    let mut queries = QueryRecord::all(ctx).await?;
    queries.retain(|query| {
        let status = QueryStatus::from(query.status);
        let name = req.log_group_name.as_ref();
        req.status.is_none_or(|wanted| wanted == status)
            && req
                .query_language
                .is_none_or(|wanted| wanted == QueryLanguage::Cwli)
            && name.is_none_or(|name| query.groups.iter().any(|group| group.name == *name))
    });
    let latest = |query: &QueryRecord| {
        let before = i64::MAX - query.created_millis;
        format!("{before:020}{}", query.id)
    };
    let token = req.next_token.as_deref();
    let (page, next_token) = names::page_of(queries, latest, token, (req.max_results, MOST))?;
    Ok(DescribeQueriesResponse {
        queries: Some(page.into_iter().map(shown).collect()),
        next_token,
    })
}

fn shown(query: QueryRecord) -> QueryInfo {
    let groups: Vec<_> = query
        .groups
        .iter()
        .map(|group| group.name.as_str())
        .collect();
    QueryInfo {
        query_language: Some(QueryLanguage::Cwli),
        status: Some(query.status.into()),
        create_time: Some(query.created_millis),
        log_group_name: Some(groups.join(",")),
        query_duration: Some(query.progress.duration_millis),
        bytes_scanned: Some(count(query.progress.bytes)),
        user_identity: Some(query.user),
        query_id: Some(query.id),
        query_string: Some(query.text),
    }
}
