//! Reading parameters, by whichever operation: the only place where a value leaves this service.

use api::ssm::Parameter;
use platform::{Ctx, Result};
use wire::Timestamp;

use crate::access::{self, Asked};
use crate::names::{Place, Reference};
use crate::parameter::{ParameterRecord, Version};
use crate::{refusals, secret_reference};

/// The parameter, or the version of it, that `text` names, if the caller may do `action` to it.
pub(crate) async fn read(
    ctx: &Ctx,
    action: &'static str,
    text: &str,
    with_decryption: bool,
) -> Result<Parameter> {
    let reference = Reference::parse(ctx, text)?;
    let place = &reference.place;
    if reference.is_secret() {
        return secret_reference::read(ctx, action, &reference, with_decryption).await;
    }
    let found = access::parameter(ctx, action, place, Asked::default()).await?;
    let found = found.filter(|found| found.is_meant(&reference, ctx.now.millis));
    let record = found.ok_or_else(refusals::no_parameter)?;
    let selector = reference.selector.as_ref();
    let picked = record.select(ctx, place, selector).await?;
    let version = picked.of(&record);
    let mut shown = shown(ctx, (place, &record, version), with_decryption).await?;
    shown.selector = selector.map(ToString::to_string);
    Ok(shown)
}

/// A version of a parameter as answers show it.
pub(crate) async fn shown(
    ctx: &Ctx,
    (place, record, version): (&Place, &ParameterRecord, &Version),
    with_decryption: bool,
) -> Result<Parameter> {
    let arn = place.arn();
    let value = match with_decryption {
        true => version.content.open(ctx, &arn).await?,
        false => version.content.shown(),
    };
    let modified = Timestamp {
        millis: version.modified_millis,
    };
    Ok(Parameter {
        name: Some(record.name.clone()),
        r#type: Some(version.kind.shown()),
        value: Some(value),
        version: Some(version.number),
        selector: None,
        source_result: None,
        last_modified_date: Some(modified),
        arn: Some(arn),
        data_type: Some(version.data_type.clone()),
    })
}
