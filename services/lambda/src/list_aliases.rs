//! `lambda:ListAliases`: lists the aliases of a function, or those of one of its versions.

use api::lambda::{ListAliasesRequest, ListAliasesResponse};
use platform::{Ctx, Result};

use crate::function::AliasRecord;
use crate::{access, page};

pub(crate) async fn list_aliases(
    ctx: &Ctx,
    req: ListAliasesRequest,
) -> Result<ListAliasesResponse> {
    let function = access::function(ctx, "lambda:ListAliases", &req.function_name, None).await?;
    let rows = ctx.scan_all::<AliasRecord>(&function.place.key()).await?;
    let mut aliases: Vec<_> = rows.into_iter().map(|(_, alias)| alias).collect();
    if let Some(version) = &req.function_version {
        aliases.retain(|alias| alias.names(version));
    }
    aliases.sort_by(|one, other| one.name.cmp(&other.name));
    let key = |alias: &std::sync::Arc<AliasRecord>| alias.name.clone();
    let (found, next_marker) = page::page(aliases, key, req.marker.as_deref(), req.max_items)?;
    let shown = found.iter().map(|alias| alias.shown(&function.place));
    Ok(ListAliasesResponse {
        next_marker,
        aliases: Some(shown.collect()),
    })
}
