//! `organizations:CreateOrganizationalUnit`: makes a unit in the root or in another unit.

use api::organizations::{
    CreateOrganizationalUnitRequest, CreateOrganizationalUnitResponse,
    DuplicateOrganizationalUnitException,
};
use platform::{Ctx, Result};

use crate::access::{About, Reach, permit};
use crate::organization::record::Unit;
use crate::organization::tree::MAX_DEPTH;
use crate::units::{no_parent, shown};
use crate::{ids, refusals, tags};

/// The most units of an organization ("Quotas for AWS Organizations").
const QUOTA: usize = 2000;

pub(crate) async fn create_organizational_unit(
    ctx: &Ctx,
    req: CreateOrganizationalUnitRequest,
) -> Result<CreateOrganizationalUnitResponse> {
    let tags = tags::pairs(req.tags);
    let about = About {
        tags: &tags,
        ..About::id(&req.parent_id)
    };
    let action = "organizations:CreateOrganizationalUnit";
    let permitted = permit(ctx, action, Reach::Management, about).await?;
    tags::permit_giving(ctx, &tags).await?;
    tags::check(&tags)?;
    let mut organization = permitted.draft();
    if !organization.is_parent(&req.parent_id) {
        return Err(no_parent());
    }
    // The line begins with the root, which does not count.
    if organization.line(&req.parent_id).len() > MAX_DEPTH {
        return Err(refusals::constraint(
            "OU_DEPTH_LIMIT_EXCEEDED",
            "You cannot add an organizational unit to the specified parent because it would \
             exceed the max depth allowed.",
        ));
    }
    if organization.units.len() >= QUOTA {
        return Err(refusals::constraint(
            "OU_NUMBER_LIMIT_EXCEEDED",
            "You have exceeded the allowed number of organizational units.",
        ));
    }
    if is_taken(&organization, &req.parent_id, &req.name) {
        return Err(duplicate());
    }
    let id = ids::unit(&organization.root_id, ctx.random())?;
    let unit = Unit {
        name: req.name,
        parent: req.parent_id,
    };
    organization.add_unit(&id, unit);
    tags::give(&mut organization, &id, tags);
    let shown = shown(&organization, &id);
    organization.put(ctx).await;
    Ok(CreateOrganizationalUnitResponse {
        organizational_unit: Some(shown),
    })
}

/// Whether a unit of this name is in `parent`.
pub(super) fn is_taken(
    organization: &crate::organization::record::OrganizationRecord,
    parent: &str,
    name: &str,
) -> bool {
    let mut siblings = organization.units_in(parent);
    siblings.any(|(_, unit)| unit.name == name)
}

/// AWS's answer that there is such a unit.
pub(super) fn duplicate() -> platform::Error {
    let message = "An OU with the same name already exists.";
    DuplicateOrganizationalUnitException::new(message).into()
}
