//! `organizations:DeleteOrganizationalUnit`: deletes a unit that nothing is in.

use api::organizations::{DeleteOrganizationalUnitRequest, OrganizationalUnitNotEmptyException};
use platform::{Ctx, Result};
use wire::Empty;

use crate::access::{About, Reach, permit};
use crate::units::no_unit;

pub(crate) async fn delete_organizational_unit(
    ctx: &Ctx,
    req: DeleteOrganizationalUnitRequest,
) -> Result<Empty> {
    let id = &req.organizational_unit_id;
    let action = "organizations:DeleteOrganizationalUnit";
    let permitted = permit(ctx, action, Reach::Management, About::id(id)).await?;
    let mut organization = permitted.draft();
    if !organization.units.contains_key(id) {
        return Err(no_unit());
    }
    let has_units = organization.units_in(id).next().is_some();
    if has_units || organization.accounts_in(id).next().is_some() {
        let message = "The specified OU is not empty. Move all accounts to another root or to \
                       other OUs, remove all child OUs, and try the operation again.";
        return Err(OrganizationalUnitNotEmptyException::new(message).into());
    }
    organization.remove_unit(id);
    organization.put(ctx).await;
    Ok(Empty)
}
