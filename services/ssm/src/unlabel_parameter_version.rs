//! `ssm:UnlabelParameterVersion`: takes labels off a version.

use api::ssm::{UnlabelParameterVersionRequest, UnlabelParameterVersionResult};
use platform::{Ctx, Result};

use crate::labels;
use crate::parameter::ParameterRecord;

pub(crate) async fn unlabel_parameter_version(
    ctx: &Ctx,
    req: UnlabelParameterVersionRequest,
) -> Result<UnlabelParameterVersionResult> {
    let action = "ssm:UnlabelParameterVersion";
    let version = Some(req.parameter_version);
    let (place, record, number) = labels::labelled(ctx, action, &req.name, version).await?;
    let has = |label: &String| record.labelled(label) == Some(number);
    let (removed, invalid): (Vec<_>, Vec<_>) = req.labels.into_iter().partition(has);
    if !removed.is_empty() {
        let mut record = ParameterRecord::clone(&record);
        record.labels.retain(|(label, _)| !removed.contains(label));
        ctx.put(place.key(), record).await;
    }
    Ok(UnlabelParameterVersionResult {
        removed_labels: Some(removed),
        invalid_labels: Some(invalid),
    })
}
