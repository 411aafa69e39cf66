//! `lambda:UpdateFunctionCode`: gives a function another deployment package.

use api::lambda::{FunctionCode, FunctionConfiguration, UpdateFunctionCodeRequest};
use platform::{Ctx, Result};

use crate::configuration::{pending, shown, updating};
use crate::create_function::{check_size, zip_of};
use crate::function::{CodeUse, VersionRecord};
use crate::names::LATEST;
use crate::{access, code, publishing, refusals, unused};

pub(crate) async fn update_function_code(
    ctx: &Ctx,
    mut req: UpdateFunctionCodeRequest,
) -> Result<FunctionConfiguration> {
    let name = req.function_name.as_str();
    let function = access::function(ctx, "lambda:UpdateFunctionCode", name, None).await?;
    let place = &function.place;
    if req.publish_to.is_some() {
        return Err(refusals::unsupported("the parameter PublishTo").into());
    }
    let latest = VersionRecord::latest(ctx, place).await?;
    if req
        .revision_id
        .as_ref()
        .is_some_and(|id| *id != latest.revision_id)
    {
        return Err(refusals::other_revision().into());
    }
    let zip = zip_of(&mut package(&mut req))?;
    let checked = code::check(ctx, zip).await?;
    let mut version = VersionRecord::clone(&latest);
    check_size(&version, checked.unzipped_size())?;
    if let Some(architecture) = req.architectures.first() {
        architecture.as_str().clone_into(&mut version.architecture);
    }
    if req.dry_run {
        version.code = CodeUse {
            sha256: *checked.sha256(),
            size: checked.size(),
            ..version.code
        };
        return shown(ctx, (place, place.arn()), &version).await;
    }
    version.code = checked.keep(ctx, place).await?;
    version.touch(ctx)?;
    ctx.put(VersionRecord::key(place, LATEST), version.clone())
        .await;
    unused::forget(ctx, place, &latest.code).await?;
    if !req.publish {
        return Ok(updating(shown(ctx, (place, place.arn()), &version).await?));
    }
    let parts = (function.draft(), &version);
    let made = publishing::publish(ctx, place, parts, None).await?;
    let arn = place.qualified(Some(&made.version));
    Ok(pending(shown(ctx, (place, arn), &made).await?))
}

/// The code that the request names, as CreateFunction names it.
fn package(req: &mut UpdateFunctionCodeRequest) -> FunctionCode {
    FunctionCode {
        zip_file: req.zip_file.take(),
        s3_bucket: req.s3_bucket.take(),
        s3_key: req.s3_key.take(),
        s3_object_version: req.s3_object_version.take(),
        s3_object_storage_mode: req.s3_object_storage_mode.take(),
        image_uri: req.image_uri.take(),
        source_kms_key_arn: req.source_kms_key_arn.take(),
    }
}
