//! Which versions of functions lie over which layers: the code of a layer stays while one does, whatever
//! becomes of the layer ("Deleting layers": functions that use one go on).

use platform::{Ctx, Error, Result};
use serde::{Deserialize, Serialize};
use store::{Key, Record};

use crate::code;
use crate::function::{CodeUse, LayerUse};
use crate::layer::{LayerPlace, LayerVersionRecord};
use crate::names::FunctionPlace;

/// That a version of a function lies over a version of a layer. It is kept below the layer's.
#[derive(Serialize, Deserialize)]
pub(crate) struct LayerUseRecord {
    /// The ARN of the function with its version.
    pub(crate) function: String,
}

impl Record for LayerUseRecord {
    const TABLE: &'static str = "lambda.layer_uses";
    const SERVICE: &'static str = "lambda";
}

/// Notes that a version of a function lies over `after` from now on, in the place of `before`. Code that
/// nobody needs any more is forgotten.
pub(crate) async fn change(
    ctx: &Ctx,
    (place, version): (&FunctionPlace, &str),
    (before, after): (&[LayerUse], &[LayerUse]),
) -> Result<()> {
    let function = place.qualified(Some(version));
    let is_in = |layers: &[LayerUse], one: &LayerUse| layers.iter().any(|it| it.arn == one.arn);
    for layer in after.iter().filter(|one| !is_in(before, one)) {
        let key = Named::of(layer)?.key().with(&function);
        let function = function.clone();
        ctx.put(key, LayerUseRecord { function }).await;
    }
    for layer in before.iter().filter(|one| !is_in(after, one)) {
        end(ctx, layer, &function).await?;
    }
    Ok(())
}

/// Forgets the code of a version of a layer that is deleted, unless a function has it.
pub(crate) async fn layer_deleted(
    ctx: &Ctx,
    (place, number): (&LayerPlace, u64),
    version: &LayerVersionRecord,
) -> Result<()> {
    let key = place.version_key(number);
    if version.is_used {
        // Uses were not noted yet when this was set: who has it is not known.
        let function = String::new();
        ctx.put(key.with("-"), LayerUseRecord { function }).await;
        return Ok(());
    }
    match is_used(ctx, &key).await? {
        true => Ok(()),
        false => code::forget(ctx, &place.code_place(), &version.code).await,
    }
}

async fn end(ctx: &Ctx, layer: &LayerUse, function: &str) -> Result<()> {
    let named = Named::of(layer)?;
    let key = named.key();
    ctx.delete::<LayerUseRecord>(&key.clone().with(function))
        .await;
    let is_there = LayerVersionRecord::get(ctx, &named.place, named.number).await?;
    if is_there.is_some() || is_used(ctx, &key).await? {
        return Ok(());
    }
    let code = CodeUse {
        id: layer.code.clone(),
        sha256: [0; 32],
        size: layer.code_size,
        unzipped_size: layer.unzipped_size,
    };
    code::forget(ctx, &named.place.code_place(), &code).await
}

async fn is_used(ctx: &Ctx, key: &Key) -> Result<bool> {
    let uses = ctx.scan::<LayerUseRecord>(key, None, 1).await?;
    Ok(!uses.rows.is_empty())
}

/// The version of a layer that a function names.
struct Named {
    place: LayerPlace,
    number: u64,
}

impl Named {
    fn of(layer: &LayerUse) -> Result<Self> {
        match LayerPlace::read(&layer.arn) {
            Some((place, Some(number))) => Ok(Self { place, number }),
            _ => Err(Error::dangling("a layer")),
        }
    }

    /// What the keys of its uses begin with.
    fn key(&self) -> Key {
        self.place.version_key(self.number)
    }
}
