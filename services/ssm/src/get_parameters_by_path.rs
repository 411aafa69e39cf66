//! `ssm:GetParametersByPath`: the parameters of one level of a hierarchy, or of all below it.

use api::ssm::{GetParametersByPathRequest, GetParametersByPathResult};
use platform::{Ctx, Error, Result};

use crate::access::{self, Asked};
use crate::filters::Filters;
use crate::names::{self, Place};
use crate::{catalogue, listing, reading, refusals};

/// The most parameters of a page.
const MOST: usize = 10;

pub(crate) async fn get_parameters_by_path(
    ctx: &Ctx,
    mut req: GetParametersByPathRequest,
) -> Result<GetParametersByPathResult> {
    let asked_filters = std::mem::take(&mut req.parameter_filters);
    let path = req.path.trim();
    let asked = Asked {
        recursive: Some(req.recursive),
        ..Asked::default()
    };
    access::path(ctx, path, asked).await?;
    names::check_path(path)?;
    let filters = Filters::of_path(asked_filters)?;
    if catalogue::is_public_path(path) {
        return public(ctx, &req, path, &filters).await;
    }
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

/// AWS's own parameters, a page of which ends with a name.
async fn public(
    ctx: &Ctx,
    req: &GetParametersByPathRequest,
    path: &str,
    filters: &Filters,
) -> Result<GetParametersByPathResult> {
    let behind = req.next_token.as_deref();
    if behind.is_some_and(|behind| !behind.starts_with(path)) {
        return Err(refusals::bad_token().into());
    }
    let limit = req.max_results.and_then(|most| usize::try_from(most).ok());
    let (path, place) = ((path, req.recursive), (behind, limit.unwrap_or(MOST)));
    let page = catalogue::page(ctx, path, place, |it| filters.match_parameter(it)).await?;
    let mut parameters = Vec::with_capacity(page.records.len());
    for record in &page.records {
        let place = Place::own(ctx, &record.name);
        let shown = reading::shown(ctx, (&place, record, &record.current), req.with_decryption);
        parameters.push(shown.await?);
    }
    Ok(GetParametersByPathResult {
        parameters: Some(parameters),
        next_token: page.next,
    })
}
