//! `organizations:UpdateOrganizationalUnit`: renames a unit.

use api::organizations::{UpdateOrganizationalUnitRequest, UpdateOrganizationalUnitResponse};
use platform::{Ctx, Result};

use crate::access::{About, Reach, permit};
use crate::units::create_organizational_unit::{duplicate, is_taken};
use crate::units::{no_unit, shown};

pub(crate) async fn update_organizational_unit(
    ctx: &Ctx,
    req: UpdateOrganizationalUnitRequest,
) -> Result<UpdateOrganizationalUnitResponse> {
    let id = &req.organizational_unit_id;
    let action = "organizations:UpdateOrganizationalUnit";
    let permitted = permit(ctx, action, Reach::Management, About::id(id)).await?;
    let mut organization = permitted.draft();
    let unit = organization.units.get(id).cloned().ok_or_else(no_unit)?;
    if let Some(name) = req.name.filter(|name| *name != unit.name) {
        if is_taken(&organization, &unit.parent, &name) {
            return Err(duplicate());
        }
        if let Some(unit) = organization.units.get_mut(id) {
            unit.name = name;
        }
    }
    let shown = shown(&organization, id);
    organization.put(ctx).await;
    Ok(UpdateOrganizationalUnitResponse {
        organizational_unit: Some(shown),
    })
}
