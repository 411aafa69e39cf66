//! Layers that versions of functions lie over.

use platform::{Ctx, Error, Result};
use zeroize::Zeroizing;

use crate::function::LayerUse;
use crate::layer::LayerPlace;
use crate::{code, layer_access, refusals};

/// The most layers of a function ("Lambda quotas").
const MOST: usize = 5;

/// The layers of these ARNs, in their order, each of which the caller may read.
pub(crate) async fn resolve(ctx: &Ctx, arns: &[String]) -> Result<Vec<LayerUse>> {
    if arns.len() > MOST {
        let text = format!("Cannot reference more than {MOST} layers.");
        return Err(refusals::invalid(text).into());
    }
    let mut named: Vec<(LayerPlace, u64, &String)> = Vec::with_capacity(arns.len());
    for arn in arns {
        let Some((place, Some(number))) = LayerPlace::read(arn) else {
            return Err(missing(arn).into());
        };
        if place.region != ctx.region {
            return Err(refusals::invalid(format!(
                "Layers are not in the same region as the function. Layers are expected to be in \
                 region {}.",
                ctx.region
            ))
            .into());
        }
        if let Some((_, _, other)) = named.iter().find(|(known, ..)| *known == place) {
            return Err(refusals::invalid(format!(
                "Two different versions of the same layer are not allowed to be referenced in the \
                 same function. {other} and {arn} are versions of the same layer."
            ))
            .into());
        }
        named.push((place, number, arn));
    }
    let mut layers = Vec::with_capacity(named.len());
    for (place, number, arn) in named {
        layers.push(one(ctx, (&place, number), arn).await?);
    }
    Ok(layers)
}

async fn one(ctx: &Ctx, (place, number): (&LayerPlace, u64), arn: &str) -> Result<LayerUse> {
    let action = "lambda:GetLayerVersion";
    let version = layer_access::version(ctx, action, (place, number)).await?;
    let version = version.ok_or_else(|| missing(arn))?;
    Ok(LayerUse {
        arn: arn.to_owned(),
        code_size: version.code.size,
        unzipped_size: version.code.unzipped_size,
        code: version.code.id.clone(),
    })
}

fn missing(arn: &str) -> wire::Fault {
    refusals::invalid(format!("Layer version {arn} does not exist."))
}

/// The archives of layers, in their order.
pub(crate) async fn read(ctx: &Ctx, layers: &[LayerUse]) -> Result<Vec<Zeroizing<Vec<u8>>>> {
    let mut archives = Vec::with_capacity(layers.len());
    for layer in layers {
        let (place, _) = LayerPlace::read(&layer.arn).ok_or_else(|| Error::dangling("a layer"))?;
        let code = (layer.code.as_str(), layer.code_size);
        archives.push(code::pieces(ctx, &place.code_place(), code).await?);
    }
    Ok(archives)
}
