//! `ssm:LabelParameterVersion`: attaches labels to a version, be it from another version.

use api::ssm::{LabelParameterVersionRequest, LabelParameterVersionResult};
use platform::{Ctx, Result};

use crate::events::{self, Change};
use crate::labels;
use crate::parameter::ParameterRecord;
use crate::refusals;

pub(crate) async fn label_parameter_version(
    ctx: &Ctx,
    req: LabelParameterVersionRequest,
) -> Result<LabelParameterVersionResult> {
    let action = "ssm:LabelParameterVersion";
    let found = labels::labelled(ctx, action, &req.name, req.parameter_version).await?;
    let (place, record, number) = found;
    let (mut good, invalid): (Vec<_>, Vec<_>) =
        req.labels.into_iter().partition(|it| labels::is_label(it));
    good.sort();
    good.dedup();
    if !good.is_empty() {
        let mut record = ParameterRecord::clone(&record);
        record.labels.retain(|(label, _)| !good.contains(label));
        record
            .labels
            .extend(good.into_iter().map(|it| (it, number)));
        record.labels.sort();
        if record.labels_of(number).len() > labels::MOST {
            return Err(refusals::too_many_labels().into());
        }
        let event = events::changed(&record, &place.arn(), Change::Label, ctx.now);
        ctx.emit(event).await?;
        ctx.put(place.key(), record).await;
    }
    Ok(LabelParameterVersionResult {
        invalid_labels: Some(invalid),
        parameter_version: Some(number),
    })
}
