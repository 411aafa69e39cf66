//! `events:CreateArchive`: keeps the events that a bus takes from now on.

use api::events::{ArchiveState, CreateArchiveRequest, CreateArchiveResponse};
use platform::{Ctx, Derived, NoKeys, Result};

use crate::access::{self, Tagging};
use crate::archives::{self, ArchiveRecord, ArchivesRecord, given};
use crate::bus::BusRecord;
use crate::encryption::NamedKey;
use crate::names::BusPlace;
use crate::refusals;

/// The most archives of an account in a Region ("Archives", EventBridge quotas).
const MOST: usize = 100;

pub(crate) async fn create_archive(
    ctx: &Ctx,
    req: CreateArchiveRequest,
) -> Result<CreateArchiveResponse> {
    let (action, name) = ("events:CreateArchive", &req.archive_name);
    access::thing(ctx, action, archives::thing(ctx, name), Tagging::default()).await?;
    let Some(place) = BusPlace::of_arn(&req.event_source_arn) else {
        let message =
            "Parameter EventSourceArn is not valid. Reason: Must contain an event bus ARN.";
        return Err(refusals::invalid(message).into());
    };
    access::bus(ctx, action, &place, Tagging::default(), &NoKeys).await?;
    archives::check(req.event_pattern.as_deref())?;
    if place != BusPlace::own(ctx, &place.name) {
        return Err(refusals::no_bus(&place.name).into());
    }
    BusRecord::existing(ctx, &place).await?;
    let known = ArchivesRecord::all(ctx).await?;
    let mut names = known.iter().flat_map(|found| found.all.archives.keys());
    if names.any(|known| known == name) {
        return Err(refusals::archive_exists(name).into());
    }
    let count = known.iter().map(|found| found.all.archives.len());
    if count.sum::<usize>() >= MOST {
        return Err(refusals::too_many().into());
    }
    let of_bus = ctx.get::<ArchivesRecord>(&place.key()).await?;
    let mut all = of_bus.as_deref().cloned().unwrap_or_default();
    all.bus.clone_from(&place.name);
    let archive = ArchiveRecord {
        id: ctx.new_uuid()?,
        description: given(req.description),
        pattern: given(req.event_pattern),
        created_millis: ctx.now.millis,
        retention_days: req.retention_days.unwrap_or_default(),
        kms_key: NamedKey::asked(ctx, req.kms_key_identifier.as_deref(), &place).await?,
        compiled: Derived::default(),
    };
    all.archives.insert(name.clone(), archive);
    all.put(ctx, &place).await?;
    Ok(CreateArchiveResponse {
        archive_arn: Some(archives::arn(ctx, name)),
        state: Some(ArchiveState::Enabled),
        state_reason: None,
        creation_time: Some(ctx.now),
    })
}
