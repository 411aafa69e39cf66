//! `events:DescribeArchive`: shows an archive, with the number of its events.

use api::events::{DescribeArchiveRequest, DescribeArchiveResponse};
use platform::{Ctx, Result};

use crate::access::{self, Tagging};
use crate::archives::{self, ArchivesRecord};
use crate::refusals;

pub(crate) async fn describe_archive(
    ctx: &Ctx,
    req: DescribeArchiveRequest,
) -> Result<DescribeArchiveResponse> {
    let name = &req.archive_name;
    let thing = archives::thing(ctx, name);
    access::thing(ctx, "events:DescribeArchive", thing, Tagging::default()).await?;
    let found = ArchivesRecord::find(ctx, name).await?;
    let archive = found.all.archives.get(name);
    let archive = archive.ok_or_else(|| refusals::no_archive(name))?;
    let shown = archive.shown(ctx, name, &found.place).await?;
    Ok(DescribeArchiveResponse {
        archive_arn: Some(archives::arn(ctx, name)),
        archive_name: shown.archive_name,
        event_source_arn: shown.event_source_arn,
        description: archive.description.clone(),
        event_pattern: archive.pattern.clone(),
        state: shown.state,
        state_reason: None,
        kms_key_identifier: archive.kms_key.as_ref().map(|key| key.named.clone()),
        retention_days: shown.retention_days,
        size_bytes: shown.size_bytes,
        event_count: shown.event_count,
        creation_time: shown.creation_time,
    })
}
