//! `lambda:UpdateFunctionConfiguration`: changes what is configured of `$LATEST`.

use api::lambda::{FunctionConfiguration, UpdateFunctionConfigurationRequest};
use platform::{Ctx, Result};

use crate::access::{self, ConfigurationKeys, With};
use crate::configuration::{shown, updating};
use crate::create_function::check_size;
use crate::function::VersionRecord;
use crate::names::{Asked, LATEST};
use crate::settings::Settings;
use crate::{environment, layer_uses, refusals, roles};

const ACTION: &str = "lambda:UpdateFunctionConfiguration";

pub(crate) async fn update_function_configuration(
    ctx: &Ctx,
    mut req: UpdateFunctionConfigurationRequest,
) -> Result<FunctionConfiguration> {
    let asked = match Asked::of(ctx, &req.function_name, None) {
        Ok(asked) => asked,
        Err(bad) => {
            access::everything(ctx, ACTION).await?;
            return Err(bad.into());
        }
    };
    let keys = ConfigurationKeys {
        layers: req.layers.clone().unwrap_or_default(),
        code_signing: None,
    };
    let with = With {
        keys: &keys,
        ..With::default()
    };
    let function = access::existing(ctx, ACTION, asked, with).await?;
    let place = &function.place;
    let latest = VersionRecord::latest(ctx, place).await?;
    if req
        .revision_id
        .as_ref()
        .is_some_and(|id| *id != latest.revision_id)
    {
        return Err(refusals::other_revision().into());
    }
    let new_variables = match req.environment.take() {
        None => None,
        given => Some(environment::variables(given)?),
    };
    let mut version = VersionRecord::clone(&latest);
    Settings::of_change(&mut req)?
        .apply(ctx, &mut version)
        .await?;
    check_size(&version, version.code.unzipped_size)?;
    if version.role != latest.role {
        roles::check(ctx, &version.role, &place.arn()).await?;
    }
    let is_reencrypted = version.kms_key != latest.kms_key || version.role != latest.role;
    let variables = match new_variables {
        Some(variables) => Some(variables),
        // Another key or another role: what there is is encrypted anew.
        None if is_reencrypted => Some(environment::open(ctx, place, &latest).await?),
        None => None,
    };
    if let Some(variables) = &variables {
        environment::seal(ctx, place, &mut version, variables).await?;
    }
    version.touch(ctx)?;
    ctx.put(VersionRecord::key(place, LATEST), version.clone())
        .await;
    layer_uses::change(ctx, (place, LATEST), (&latest.layers, &version.layers)).await?;
    let mut answer = shown(ctx, (place, place.arn()), &version).await?;
    if let Some(variables) = variables {
        answer.environment = environment::response(variables);
    }
    Ok(updating(answer))
}
