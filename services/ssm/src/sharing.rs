//! Resource policies, by which advanced parameters are shared ("Working with shared parameters in
//! Parameter Store", Systems Manager user guide).

use std::sync::Arc;

use api::ssm::{
    MalformedResourcePolicyDocumentException, ResourceNotFoundException,
    ResourcePolicyConflictException, ResourcePolicyInvalidParameterException,
    ResourcePolicyLimitExceededException, ResourcePolicyNotFoundException,
};
use platform::{Ctx, Result};
use policy::{Policy, PolicyKind};
use wire::{Fault, IntoValue as _};

use crate::access::{self, Asked};
use crate::names::Place;
use crate::parameter::{ParameterRecord, Sharing, Tier};

/// The most bytes of a policy (ResourcePolicyLimitExceededException).
const MOST_BYTES: usize = 1024;

/// The parameter of this ARN, if the caller may do this to it. Only its own account may.
pub(crate) async fn shared(
    ctx: &Ctx,
    action: &'static str,
    arn: &str,
) -> Result<(Place, Arc<ParameterRecord>)> {
    let Some(place) = Place::of_arn(arn) else {
        access::everything(ctx, action).await?;
        let text = format!("The resource ARN isn't valid: {arn}");
        return Err(bad_parameter("ResourceArn", text).into());
    };
    let found = access::parameter(ctx, action, &place, Asked::default()).await?;
    let found = found.filter(|found| !found.has_expired(ctx.now.millis));
    let record = found.ok_or_else(|| {
        ResourceNotFoundException::new("The specified parameter to be shared could not be found.")
    })?;
    Ok((place, record))
}

/// The policy that a parameter gets: its first one, or one in place of that which `given` names.
pub(crate) async fn replaced(
    ctx: &Ctx,
    record: &ParameterRecord,
    document: &str,
    (id, hash): (Option<&str>, Option<&str>),
) -> Result<Sharing> {
    if record.current.tier != Tier::Advanced {
        let text = "Only parameters in the advanced-parameter tier can be shared.";
        return Err(bad_parameter("ResourceArn", text).into());
    }
    if document.len() > MOST_BYTES {
        let most = i32::try_from(MOST_BYTES).unwrap_or(i32::MAX);
        return Err(over_limit(most, "PolicySize").into());
    }
    let id = match (&record.sharing, id) {
        (None, None) => ctx.new_uuid()?,
        (Some(_), None) => return Err(over_limit(1, "PolicyCount").into()),
        (_, Some(id)) => named(record, id, hash.unwrap_or_default())?.id.clone(),
    };
    let malformed = |why: String| MalformedResourcePolicyDocumentException::new(why);
    let parsed = Policy::parse(document, PolicyKind::Resource);
    let parsed = parsed.map_err(|error| malformed(error.detail().to_string()))?;
    let kept = ctx.bind_principals(document, &parsed).await?;
    let kept = kept.map_err(|_| malformed("Invalid principal in policy".to_owned()))?;
    Ok(Sharing {
        id,
        hash: ctx.new_uuid()?,
        document: kept,
    })
}

/// The policy with this id, if this is its present hash.
pub(crate) fn named<'a>(
    record: &'a ParameterRecord,
    id: &str,
    hash: &str,
) -> Result<&'a Sharing, Fault> {
    let found = record.sharing.as_ref().filter(|known| known.id == id);
    let found = found.ok_or_else(|| {
        ResourcePolicyNotFoundException::new(
            "No policies with the specified policy ID and hash could be found.",
        )
    })?;
    match found.hash == hash {
        true => Ok(found),
        false => Err(ResourcePolicyConflictException::new(
            "The hash provided in the call doesn't match the stored hash.",
        )),
    }
}

fn bad_parameter(name: &str, text: impl Into<String>) -> Fault {
    let names = vec![name.to_owned()].into_value();
    let fault = ResourcePolicyInvalidParameterException::new(text);
    fault.with_members(vec![Some(names)])
}

fn over_limit(most: i32, kind: &str) -> Fault {
    let text = format!("The resource policy exceeds the limit {kind} of {most}.");
    let members = vec![Some(most.into_value()), Some(kind.to_owned().into_value())];
    ResourcePolicyLimitExceededException::new(text).with_members(members)
}
