//! `logs:PutDestinationPolicy`: says which accounts may send their events to a destination.

use api::logs::PutDestinationPolicyRequest;
use platform::{Ctx, Result};
use policy::{Policy, PolicyKind};
use wire::Empty;

use crate::access::Tagging;
use crate::destination::{self, DestinationPlace, DestinationRecord};
use crate::refusals;

/// The most bytes of a policy (PutDestinationPolicy, `accessPolicy`).
const MOST_BYTES: usize = 5120;

pub(crate) async fn put_destination_policy(
    ctx: &Ctx,
    req: PutDestinationPolicyRequest,
) -> Result<Empty> {
    const ACTION: &str = "logs:PutDestinationPolicy";
    let place = DestinationPlace::named(ctx, &req.destination_name);
    let known = place.reach(ctx, ACTION, Tagging::Shows).await?;
    // The one of AWS's errors for a missing destination that this operation has.
    let known = known.ok_or_else(|| refusals::invalid(refusals::NO_DESTINATION))?;
    let document = &req.access_policy;
    let invalid = || refusals::invalid("Invalid policy document.");
    if document.len() > MOST_BYTES {
        return Err(invalid().into());
    }
    let parsed = Policy::parse(document, PolicyKind::Resource).map_err(|_| invalid())?;
    let opens = destination::names_organizations(document) && !known.is_for_organizations();
    if opens && known.access_policy.is_some() && !req.force_update {
        let text = "forceUpdate must be true to replace permissions of accounts by those of an \
                    organization.";
        return Err(refusals::invalid(text).into());
    }
    let kept = ctx.bind_principals(document, &parsed).await?;
    let mut record = DestinationRecord::clone(&known);
    record.access_policy = Some(kept.map_err(|_| invalid())?);
    record.put(ctx).await;
    Ok(Empty)
}
