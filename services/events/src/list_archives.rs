//! `events:ListArchives`: lists the archives of the account.

use api::events::{ArchiveState, ListArchivesRequest, ListArchivesResponse};
use platform::{Ctx, Result};

use crate::archives::ArchivesRecord;
use crate::{access, page, refusals};

pub(crate) async fn list_archives(
    ctx: &Ctx,
    req: ListArchivesRequest,
) -> Result<ListArchivesResponse> {
    access::everything(ctx, "events:ListArchives").await?;
    let filters = [
        req.name_prefix.is_some(),
        req.event_source_arn.is_some(),
        req.state.is_some(),
    ];
    if filters.into_iter().filter(|is_given| *is_given).count() > 1 {
        let message = "At most one filter is allowed for ListArchives. Use either : State, \
                       EventSourceArn, or NamePrefix.";
        return Err(refusals::invalid(message).into());
    }
    let all = ArchivesRecord::all(ctx).await?;
    let mut found = Vec::new();
    for of_bus in &all {
        let source = of_bus.place.arn();
        let names = of_bus.all.archives.iter().filter(|(name, _)| {
            let prefix = req.name_prefix.as_deref();
            prefix.is_none_or(|prefix| name.starts_with(prefix))
                && req
                    .event_source_arn
                    .as_ref()
                    .is_none_or(|asked| *asked == source)
                && req.state.is_none_or(|state| state == ArchiveState::Enabled)
        });
        found.extend(names.map(|(name, archive)| (name, archive, &of_bus.place)));
    }
    found.sort_by_key(|(name, ..)| *name);
    let token = req.next_token.as_deref();
    let (found, next_token) = page::page(found, |(name, ..)| (*name).clone(), token, req.limit)?;
    let mut shown = Vec::with_capacity(found.len());
    for (name, archive, place) in found {
        shown.push(archive.shown(ctx, name, place).await?);
    }
    Ok(ListArchivesResponse {
        archives: Some(shown),
        next_token,
    })
}
