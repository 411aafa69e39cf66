//! `ssm:DescribeParameters`: what is known of parameters, except what they say.

use std::sync::Arc;

use api::ssm::{DescribeParametersRequest, DescribeParametersResult, ParameterMetadata};
use platform::{Ctx, Result};
use wire::Timestamp;

use crate::filters::{Filters, Scope};
use crate::lifetime::Clause;
use crate::listing::{self, Listed};
use crate::names::{self, Place};
use crate::parameter::ParameterRecord;
use crate::{access, refusals};

/// The most parameters of a page.
const MOST: usize = 50;

pub(crate) async fn describe_parameters(
    ctx: &Ctx,
    req: DescribeParametersRequest,
) -> Result<DescribeParametersResult> {
    access::everything(ctx, "ssm:DescribeParameters").await?;
    let filters = Filters::of_describe(req.parameter_filters, req.filters)?;
    let limit = req.max_results.and_then(|most| usize::try_from(most).ok());
    let place = (req.next_token.as_deref(), limit.unwrap_or(MOST));
    let page = match filters.scope() {
        // What is shared by a resource policy alone is not listed until it is a resource share of
        // AWS Resource Access Manager, which nothing becomes here (DescribeParameters, `Shared`).
        _ if req.shared => Listed {
            records: Vec::new(),
            next: None,
        },
        Scope::Names(names) => named(ctx, names, &filters, place).await?,
        Scope::Path(path, is_deep) => {
            let prefix = match is_deep {
                true => names::below(ctx.account(), &ctx.region, path),
                false => names::level(ctx.account(), &ctx.region, path),
            };
            listing::page(ctx, &prefix, place, |it| filters.match_parameter(it)).await?
        }
        Scope::Everything => {
            let prefix = names::below(ctx.account(), &ctx.region, "");
            listing::page(ctx, &prefix, place, |it| filters.match_parameter(it)).await?
        }
    };
    let shown = page.records.iter().map(|record| metadata(ctx, record));
    Ok(DescribeParametersResult {
        parameters: Some(shown.collect()),
        next_token: page.next,
    })
}

/// The parameters of these names, without reading any other. A token is how many names were read.
async fn named(
    ctx: &Ctx,
    names: &[String],
    filters: &Filters,
    (token, limit): (Option<&str>, usize),
) -> Result<Listed> {
    let from = match token {
        None => 0,
        Some(token) => token.parse().map_err(|_| refusals::bad_token())?,
    };
    let mut records: Vec<Arc<ParameterRecord>> = Vec::new();
    for (at, name) in names.iter().enumerate().skip(from) {
        if records.len() == limit {
            let next = Some(at.to_string());
            return Ok(Listed { records, next });
        }
        let found = ParameterRecord::get(ctx, &Place::own(ctx, name)).await?;
        let found = found.filter(|it| !it.has_expired(ctx.now.millis));
        records.extend(found.filter(|it| filters.match_parameter(it)));
    }
    Ok(Listed {
        records,
        next: None,
    })
}

fn metadata(ctx: &Ctx, record: &ParameterRecord) -> ParameterMetadata {
    let current = &record.current;
    let modified = Timestamp {
        millis: current.modified_millis,
    };
    ParameterMetadata {
        name: Some(record.name.clone()),
        arn: Some(Place::own(ctx, &record.name).arn()),
        r#type: Some(current.kind.shown()),
        key_id: current.key_id.clone(),
        last_modified_date: Some(modified),
        last_modified_user: Some(current.modified_by.clone()),
        description: current.description.clone(),
        allowed_pattern: current.allowed_pattern.clone(),
        version: Some(current.number),
        tier: Some(current.tier.shown()),
        policies: Some(record.clauses.iter().map(Clause::shown).collect()),
        data_type: Some(current.data_type.clone()),
    }
}
