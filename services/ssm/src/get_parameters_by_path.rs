//! `ssm:GetParametersByPath`: the parameters of one level of a hierarchy, or of all below it.

use api::ssm::{GetParametersByPathRequest, GetParametersByPathResult};
use platform::{Ctx, Error, Result};

use crate::access::{self, Asked};
use crate::filters::Filters;
use crate::names::{self, Place};
use crate::{listing, reading};

/// The most parameters of a page.
const MOST: usize = 10;

pub(crate) async fn get_parameters_by_path(
    ctx: &Ctx,
    req: GetParametersByPathRequest,
) -> Result<GetParametersByPathResult> {
    let path = req.path.trim();
    names::check_path(path)?;
    let asked = Asked {
        recursive: Some(req.recursive),
        ..Asked::default()
    };
    access::path(ctx, path, asked).await?;
    let filters = Filters::of_path(req.parameter_filters)?;
    let prefix = match req.recursive {
        true => names::below(ctx.account(), &ctx.region, path),
        false => names::level(ctx.account(), &ctx.region, path),
    };
    let limit = req.max_results.and_then(|most| usize::try_from(most).ok());
    let place = (req.next_token.as_deref(), limit.unwrap_or(MOST));
    let page = listing::page(ctx, &prefix, place, |it| filters.match_parameter(it)).await?;
    let mut parameters = Vec::with_capacity(page.records.len());
    for record in &page.records {
        let place = Place::own(ctx, &record.name);
        let number = filters.version(record);
        let number = number.ok_or_else(|| Error::internal("a filter matched and did not"))?;
        let picked = record.version(ctx, &place, number).await?;
        let picked = picked.ok_or_else(|| Error::dangling("a version of a parameter"))?;
        let version = picked.of(record);
        let shown = reading::shown(ctx, (&place, record, version), req.with_decryption);
        parameters.push(shown.await?);
    }
    Ok(GetParametersByPathResult {
        parameters: Some(parameters),
        next_token: page.next,
    })
}
