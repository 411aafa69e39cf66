//! `secretsmanager:ListSecrets`: the secrets of the caller's account.

use api::secretsmanager::{ListSecretsRequest, ListSecretsResponse};
use platform::{Ctx, Result};

use crate::filters::Filters;
use crate::listing::{self, Sorting};
use crate::{access, describing};

/// The most secrets of a page.
const MOST: usize = 100;

pub(crate) async fn list_secrets(
    ctx: &Ctx,
    req: ListSecretsRequest,
) -> Result<ListSecretsResponse> {
    access::everything(ctx, "secretsmanager:ListSecrets").await?;
    let mut filters = Filters::parse(ctx, &req.filters)?;
    filters.with_deleted = req.include_planned_deletion;
    let sorting = Sorting {
        by: req.sort_by,
        order: req.sort_order,
    };
    let most = req.max_results.and_then(|most| usize::try_from(most).ok());
    let most = most.unwrap_or(MOST).min(MOST);
    let page = listing::page(ctx, &filters, sorting, (req.next_token.as_deref(), most)).await?;
    let arn = |(place, record): &listing::Listed| place.arn(&record.suffix);
    let accessed = describing::accessed(ctx, page.secrets.iter().map(arn).collect()).await?;
    let entry = |(place, record): &listing::Listed| describing::listed((place, record), &accessed);
    let entries = page.secrets.iter().map(entry);
    Ok(ListSecretsResponse {
        secret_list: Some(entries.collect()),
        next_token: page.next,
    })
}
