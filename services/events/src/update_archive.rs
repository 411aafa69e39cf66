//! `events:UpdateArchive`: changes which events an archive keeps from now on.

use api::events::{ArchiveState, UpdateArchiveRequest, UpdateArchiveResponse};
use platform::{Ctx, Derived, Result};

use crate::access::{self, Tagging};
use crate::archives::{self, ArchivesRecord, given};
use crate::encryption::NamedKey;
use crate::refusals;

pub(crate) async fn update_archive(
    ctx: &Ctx,
    req: UpdateArchiveRequest,
) -> Result<UpdateArchiveResponse> {
    let name = &req.archive_name;
    let thing = archives::thing(ctx, name);
    access::thing(ctx, "events:UpdateArchive", thing, Tagging::default()).await?;
    let says =
        req.event_pattern.is_some() || req.retention_days.is_some() || req.description.is_some();
    if !says && req.kms_key_identifier.is_none() {
        let message =
            "At least one of EventPattern, RetentionDays or Description must be provided.";
        return Err(refusals::invalid(message).into());
    }
    archives::check(req.event_pattern.as_deref())?;
    let found = ArchivesRecord::find(ctx, name).await?;
    let mut all = ArchivesRecord::clone(&found.all);
    let archive = all.archives.get_mut(name);
    let archive = archive.ok_or_else(|| refusals::no_archive(name))?;
    if let Some(pattern) = req.event_pattern {
        archive.pattern = given(Some(pattern));
        archive.compiled = Derived::default();
    }
    if let Some(description) = req.description {
        archive.description = given(Some(description));
    }
    if let Some(days) = req.retention_days {
        archive.retention_days = days;
    }
    // What is there already stays under the key that it was kept with.
    if let Some(key) = req.kms_key_identifier.as_deref() {
        archive.kms_key = NamedKey::asked(ctx, Some(key), &found.place).await?;
    }
    let created = archive.created();
    all.put(ctx, &found.place).await?;
    Ok(UpdateArchiveResponse {
        archive_arn: Some(archives::arn(ctx, name)),
        state: Some(ArchiveState::Enabled),
        state_reason: None,
        creation_time: Some(created),
    })
}
