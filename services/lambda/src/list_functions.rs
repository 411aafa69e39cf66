//! `lambda:ListFunctions`: lists the functions of the account, or all their versions.

use api::lambda::{FunctionVersion, ListFunctionsRequest, ListFunctionsResponse};
use platform::{Ctx, Result};
use store::Key;

use crate::configuration::listed;
use crate::function::{FunctionRecord, VersionRecord};
use crate::names::FunctionPlace;
use crate::{access, environment, page};

pub(crate) async fn list_functions(
    ctx: &Ctx,
    req: ListFunctionsRequest,
) -> Result<ListFunctionsResponse> {
    access::everything(ctx, "lambda:ListFunctions").await?;
    let own = Key::new(ctx.account(), &ctx.region, [""; 0]);
    let rows = ctx.scan_all::<FunctionRecord>(&own).await?;
    let mut names: Vec<String> = rows.iter().map(|(_, row)| row.name.clone()).collect();
    names.sort();
    let all = req.function_version == Some(FunctionVersion::All);
    // No function is at home elsewhere (Lambda@Edge).
    let is_elsewhere = req
        .master_region
        .is_some_and(|region| region != "ALL" && region != ctx.region);
    names.retain(|_| !is_elsewhere);
    let mut found = Vec::new();
    for name in names {
        let place = FunctionPlace {
            account: ctx.account().to_owned(),
            region: ctx.region.clone(),
            name,
        };
        match all {
            true => {
                let versions = VersionRecord::all(ctx, &place).await?;
                found.extend(versions.into_iter().map(|version| (place.clone(), version)));
            }
            false => {
                let version = VersionRecord::latest(ctx, &place).await?;
                found.push((place, version));
            }
        }
    }
    let key = |(place, version): &(FunctionPlace, std::sync::Arc<VersionRecord>)| {
        format!("{} {:020}", place.name, version.number())
    };
    let (found, next_marker) = page::page(found, key, req.marker.as_deref(), req.max_items)?;
    let mut functions = Vec::with_capacity(found.len());
    for (place, version) in found {
        let arn = match all {
            true => place.qualified(Some(&version.version)),
            false => place.arn(),
        };
        let environment = environment::shown(ctx, &place, &version).await?;
        let mut shown = listed((&place, arn), &version);
        shown.environment = environment;
        functions.push(shown);
    }
    Ok(ListFunctionsResponse {
        next_marker,
        functions: Some(functions),
    })
}
