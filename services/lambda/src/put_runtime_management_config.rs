//! `lambda:PutRuntimeManagementConfig`: says when a version gets new versions of its runtime.

use api::lambda::{
    PutRuntimeManagementConfigRequest, PutRuntimeManagementConfigResponse, UpdateRuntimeOn,
};
use platform::{Ctx, Result, partition};

use crate::function::VersionRecord;
use crate::{access, configuration, refusals, runtimes};

pub(crate) async fn put_runtime_management_config(
    ctx: &Ctx,
    req: PutRuntimeManagementConfigRequest,
) -> Result<PutRuntimeManagementConfigResponse> {
    let action = "lambda:PutRuntimeManagementConfig";
    let (name, qualifier) = (req.function_name.as_str(), req.qualifier.as_deref());
    let function = access::function(ctx, action, name, qualifier).await?;
    let found = configuration::version(ctx, &function).await?;
    let is_manual = req.update_runtime_on == UpdateRuntimeOn::Manual;
    if is_manual != req.runtime_version_arn.is_some() {
        return Err(refusals::invalid(
            "RuntimeVersionArn is required if UpdateRuntimeOn is Manual, and must not be there \
             otherwise.",
        )
        .into());
    }
    let place = &function.place;
    let known = runtimes::version_arn(partition(&place.region), &place.region, &found.runtime);
    if let Some(arn) = req
        .runtime_version_arn
        .as_ref()
        .filter(|arn| **arn != known)
    {
        return Err(refusals::invalid(format!("Runtime version {arn} does not exist.")).into());
    }
    let mut version = VersionRecord::clone(&found);
    req.update_runtime_on
        .as_str()
        .clone_into(&mut version.update_runtime_on);
    version.runtime_version.clone_from(&req.runtime_version_arn);
    version.revision_id = ctx.new_uuid()?;
    let arn = place.qualified(Some(&version.version));
    ctx.put(VersionRecord::key(place, &version.version), version)
        .await;
    Ok(PutRuntimeManagementConfigResponse {
        update_runtime_on: Some(req.update_runtime_on),
        function_arn: Some(arn),
        runtime_version_arn: req.runtime_version_arn,
    })
}
