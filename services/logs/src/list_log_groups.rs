//! `logs:ListLogGroups`: lists the log groups of the account by their names, classes and tags.

use api::logs::{ListLogGroupsRequest, ListLogGroupsResponse, LogGroupSummary, TagFilter};
use platform::{Ctx, Result};

use crate::describe_log_groups::is_of_class;
use crate::group::GroupRecord;
use crate::{access, names, refusals};

/// The most groups of a page (ListLogGroups, `limit`).
const MOST: usize = 1000;
/// How many a page has where the request does not say.
const USUAL: i32 = 50;

pub(crate) async fn list_log_groups(
    ctx: &Ctx,
    req: ListLogGroupsRequest,
) -> Result<ListLogGroupsResponse> {
    access::everything(ctx, "logs:ListLogGroups").await?;
    // No account is linked here to any other.
    if !req.include_linked_accounts && !req.account_identifiers.is_empty() {
        let text = "accountIdentifiers requires includeLinkedAccounts to be true.";
        return Err(refusals::invalid(text).into());
    }
    let all = GroupRecord::all(ctx.account(), &ctx.region);
    let rows = ctx.scan_all::<GroupRecord>(&all).await?;
    let pattern = req.log_group_name_pattern.as_deref();
    let mut groups: Vec<_> = rows.into_iter().map(|(_, group)| group).collect();
    groups.retain(|group| {
        pattern.is_none_or(|pattern| is_named(&group.name, pattern))
            && req
                .log_group_class
                .is_none_or(|class| is_of_class(group.class, class))
            && req.log_group_tags.iter().all(|wanted| has_tag(group, wanted))
            // Nothing is indexed, and no group is said to be of a source of data.
            && req.field_index_names.is_empty()
            && req.data_sources.is_empty()
    });
    let (page, next_token) = names::page_of(
        groups,
        |group| group.name.clone(),
        req.next_token.as_deref(),
        (Some(req.limit.unwrap_or(USUAL)), MOST),
    )?;
    let summaries = page.iter().map(|group| LogGroupSummary {
        log_group_name: Some(group.name.clone()),
        log_group_arn: Some(group.arn.clone()),
        log_group_class: Some(group.class.into()),
    });
    Ok(ListLogGroupsResponse {
        log_groups: Some(summaries.collect()),
        next_token,
    })
}

/// Whether one of the parts between bars is in the name, at its beginning for one that says so.
fn is_named(name: &str, pattern: &str) -> bool {
    pattern.split('|').any(|part| match part.strip_prefix('^') {
        Some(start) => name.starts_with(start),
        None => name.contains(part),
    })
}

fn has_tag(group: &GroupRecord, wanted: &TagFilter) -> bool {
    let mut tags = group.tags.iter();
    let Some((_, value)) = tags.find(|(key, _)| *key == wanted.key) else {
        return false;
    };
    let values = wanted.values.as_deref().unwrap_or_default();
    values.is_empty() || values.iter().any(|wanted| is_value(value, wanted))
}

/// Whether a value is the wanted one (TagFilter, `values`): stars stand for anything and make case
/// no difference; an exclamation mark in front wants any other value.
fn is_value(value: &str, wanted: &str) -> bool {
    match wanted.strip_prefix('!') {
        Some(other) => !is_value(value, other),
        None if wanted.contains('*') => is_like(&value.to_lowercase(), &wanted.to_lowercase()),
        None => value == wanted,
    }
}

/// Whether the parts of `wanted` between stars are in `value`, one behind the other.
fn is_like(value: &str, wanted: &str) -> bool {
    let (first, others) = wanted.split_once('*').unwrap_or((wanted, ""));
    let Some(mut rest) = value.strip_prefix(first) else {
        return false;
    };
    let (middle, last) = others.rsplit_once('*').unwrap_or(("", others));
    for part in middle.split('*') {
        match rest.find(part) {
            Some(at) => rest = rest.get(at + part.len()..).unwrap_or_default(),
            None => return false,
        }
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_values_match_as_documented() {
        assert!(is_named("/aws/lambda/x", "^/aws/lambda|discovery"));
        assert!(is_named("my-discovery", "^/aws/lambda|discovery"));
        assert!(!is_named("x/aws/lambda", "^/aws/lambda|discovery"));
        for (value, wanted, is) in [
            ("prod", "prod", true),
            ("Prod", "prod", false),
            ("PROD-1", "prod*", true),
            ("prod", "!prod", false),
            ("test", "!prod", true),
            ("a-b-c", "a*b*c", true),
            ("a-c", "a*b*c", false),
            ("ab", "ab*b", false),
            ("abb", "ab*b", true),
            ("x", "*", true),
            ("prod-1", "!prod*", false),
        ] {
            assert_eq!(is_value(value, wanted), is, "{value} {wanted}");
        }
    }
}
