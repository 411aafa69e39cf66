//! `lambda:PublishVersion`: makes a version that does not change.

use api::lambda::{FunctionConfiguration, PublishVersionRequest};
use platform::{Ctx, Result};

use crate::function::VersionRecord;
use crate::{access, configuration, publishing, refusals};

pub(crate) async fn publish_version(
    ctx: &Ctx,
    req: PublishVersionRequest,
) -> Result<FunctionConfiguration> {
    let function = access::function(ctx, "lambda:PublishVersion", &req.function_name, None).await?;
    if req.publish_to.is_some() {
        return Err(refusals::unsupported("the parameter PublishTo").into());
    }
    let latest = VersionRecord::latest(ctx, &function.place).await?;
    if req.revision_id.is_some_and(|id| id != latest.revision_id) {
        return Err(refusals::other_revision().into());
    }
    let hash = wire::pem::base64(&latest.code.sha256);
    if let Some(wanted) = req
        .code_sha256
        .filter(|wanted| !wanted.is_empty() && *wanted != hash)
    {
        return Err(refusals::invalid(format!(
            "CodeSHA256 ({wanted}) is different from current CodeSHA256 in $LATEST ({hash}). Please \
             try again with the CodeSHA256 in $LATEST."
        ))
        .into());
    }
    let description = req.description.filter(|text| !text.is_empty());
    let parts = (function.draft(), &*latest);
    let made = publishing::publish(ctx, &function.place, parts, description).await?;
    let arn = function.place.qualified(Some(&made.version));
    configuration::shown(ctx, (&function.place, arn), &made).await
}
