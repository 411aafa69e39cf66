//! `lambda:ListVersionsByFunction`: lists the versions of a function.

use api::lambda::{ListVersionsByFunctionRequest, ListVersionsByFunctionResponse};
use platform::{Ctx, Result};

use crate::configuration::listed;
use crate::function::VersionRecord;
use crate::{access, environment, page};

pub(crate) async fn list_versions_by_function(
    ctx: &Ctx,
    req: ListVersionsByFunctionRequest,
) -> Result<ListVersionsByFunctionResponse> {
    let action = "lambda:ListVersionsByFunction";
    let function = access::function(ctx, action, &req.function_name, None).await?;
    let place = &function.place;
    let all = VersionRecord::all(ctx, place).await?;
    let key = |version: &std::sync::Arc<VersionRecord>| format!("{:020}", version.number());
    let (found, next_marker) = page::page(all, key, req.marker.as_deref(), req.max_items)?;
    let mut versions = Vec::with_capacity(found.len());
    for version in found {
        let arn = place.qualified(Some(&version.version));
        let mut shown = listed((place, arn), &version);
        shown.environment = environment::shown(ctx, place, &version).await?;
        versions.push(shown);
    }
    Ok(ListVersionsByFunctionResponse {
        next_marker,
        versions: Some(versions),
    })
}
