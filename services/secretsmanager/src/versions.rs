//! New versions of secrets, by whichever operation.

use std::sync::Arc;

use api::secretsmanager::LimitExceededException;
use platform::{Ctx, Error, Result};

use crate::encryption::{self, Bound};
use crate::labels;
use crate::names::Place;
use crate::refusals;
use crate::rotation;
use crate::secret::{CURRENT, Content, PENDING, PREVIOUS, SecretRecord, Version, VersionRecord};
use crate::told::{Event, Told};
use crate::value::SecretValue;

/// So many versions are kept (PutSecretValue).
const KEPT: usize = 100;
/// Whatever is younger is kept too.
const YOUNG_MILLIS: i64 = 24 * 60 * 60 * 1000;
/// The most versions of a secret: as many as are made in a day at the rate that AWS recommends as
/// the highest, one in ten minutes, beside those that are kept.
const MOST: usize = KEPT + 144;

/// Adds a version with these labels, and takes away those that are no longer kept.
pub(crate) async fn add(
    ctx: &Ctx,
    (place, record): (&Place, &mut SecretRecord),
    (id, value): (&str, &SecretValue),
    new_labels: &[String],
) -> Result<()> {
    let arn = place.arn(&record.suffix);
    let bound = Bound {
        region: &place.region,
        arn: &arn,
        version_id: id,
    };
    let key = rotation::key_for(ctx, record, (&arn, record.key_id.as_deref()));
    let sealed = encryption::seal(ctx, bound, key, value).await?;
    ctx.put(record.version_key(place, id), sealed).await;
    // A rotation may have made the version before.
    record.versions.retain(|known| known.id != id);
    record.versions.push(Version {
        id: id.to_owned(),
        created_millis: ctx.now.millis,
        key_id: record.key_id.clone(),
        content: Content::Own,
    });
    for label in new_labels {
        labels::attach(record, label, id)?;
    }
    rotation::follow_new_version(ctx, (place, record), id).await?;
    take_away_old(ctx, place, record).await?;
    match record.versions.len() > MOST {
        true => Err(LimitExceededException::new(format!(
            "You can't create more than {MOST} versions of a secret."
        ))
        .into()),
        false => Ok(()),
    }
}

/// Whether there is a version of this id that says the same. One that says something else is a
/// refusal.
pub(crate) async fn repeats(
    ctx: &Ctx,
    (place, record): (&Place, &SecretRecord),
    (id, value): (&str, &SecretValue),
) -> Result<bool> {
    if record.content_of(id).is_none() {
        return Ok(false);
    }
    let known = open(ctx, (place, record), id).await?;
    match known.is_same(value) {
        true => Ok(true),
        false => Err(refusals::token_in_use(id, &place.arn(&record.suffix)).into()),
    }
}

/// What the version of this id says.
pub(crate) async fn open(
    ctx: &Ctx,
    (place, record): (&Place, &SecretRecord),
    id: &str,
) -> Result<SecretValue> {
    let arn = place.arn(&record.suffix);
    let id = record.content_of(id).unwrap_or(id);
    let bound = Bound {
        region: &place.region,
        arn: &arn,
        version_id: id,
    };
    encryption::open(ctx, bound, &*sealed(ctx, (place, record), id).await?).await
}

/// Encrypts the versions that count under the secret's key, as far as the caller may: those that
/// are current, were so before, or are about to be.
pub(crate) async fn encrypt_again(
    ctx: &Ctx,
    place: &Place,
    record: &mut SecretRecord,
) -> Result<()> {
    let arn = place.arn(&record.suffix);
    let key_id = record.key_id.clone();
    let labelled = [CURRENT, PENDING, PREVIOUS].map(|label| record.labelled(label));
    let labelled: Vec<String> = labelled.into_iter().flatten().map(str::to_owned).collect();
    for id in labelled {
        let Some(version) = record.versions.iter_mut().find(|it| it.id == id) else {
            continue;
        };
        if version.key_id == key_id || version.content != Content::Own {
            continue;
        }
        let key = place.key().with(&record.suffix).with(&id);
        let known = ctx.get::<VersionRecord>(&key).await?;
        let known = known.ok_or_else(|| Error::dangling("a version of a secret"))?;
        let mut sealed = VersionRecord::clone(&known);
        let bound = Bound {
            region: &place.region,
            arn: &arn,
            version_id: &id,
        };
        if !encryption::rewrap(ctx, bound, key_id.as_deref(), &mut sealed).await? {
            break;
        }
        version.key_id.clone_from(&key_id);
        ctx.put(key, sealed).await;
    }
    Ok(())
}

/// The record that says what the version of this id says.
pub(crate) async fn sealed(
    ctx: &Ctx,
    (place, record): (&Place, &SecretRecord),
    id: &str,
) -> Result<Arc<VersionRecord>> {
    let key = record.version_key(place, id);
    let found = ctx.get::<VersionRecord>(&key).await?;
    found.ok_or_else(|| Error::dangling("a version of a secret"))
}

/// Takes away the oldest versions without label that are more than are kept and older than a day.
pub(crate) async fn take_away_old(
    ctx: &Ctx,
    place: &Place,
    record: &mut SecretRecord,
) -> Result<()> {
    let mut over = record.versions.len().saturating_sub(KEPT);
    let old = ctx.now.millis.saturating_sub(YOUNG_MILLIS);
    let mut taken = Vec::new();
    for version in &record.versions {
        let is_labelled = record.labels.iter().any(|(_, id)| *id == version.id);
        if over == 0 || version.created_millis > old {
            break;
        }
        if !is_labelled {
            taken.push(version.id.clone());
            over -= 1;
        }
    }
    for id in &taken {
        ctx.delete::<VersionRecord>(&record.version_key(place, id))
            .await;
    }
    record
        .versions
        .retain(|version| !taken.contains(&version.id));
    Told::of((place, record), taken).note(ctx, Event::Deprecated)
}
