//! `events:DeleteArchive`: deletes an archive with its events.

use api::events::{DeleteArchiveRequest, DeleteArchiveResponse};
use platform::{Ctx, Result};

use crate::access::{self, Tagging};
use crate::archives::{self, ArchivesRecord, WeightRecord};
use crate::{emptying, refusals};

pub(crate) async fn delete_archive(
    ctx: &Ctx,
    req: DeleteArchiveRequest,
) -> Result<DeleteArchiveResponse> {
    let name = &req.archive_name;
    let thing = archives::thing(ctx, name);
    access::thing(ctx, "events:DeleteArchive", thing, Tagging::default()).await?;
    let found = ArchivesRecord::find(ctx, name).await?;
    let mut all = ArchivesRecord::clone(&found.all);
    let archive = all.archives.remove(name);
    let archive = archive.ok_or_else(|| refusals::no_archive(name))?;
    emptying::begin(ctx, &archive, &found.place).await?;
    ctx.delete::<WeightRecord>(&archive.weight_place(&found.place))
        .await;
    all.put(ctx, &found.place).await?;
    Ok(DeleteArchiveResponse {})
}
