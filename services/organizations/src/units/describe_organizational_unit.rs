//! `organizations:DescribeOrganizationalUnit`: shows a unit.

use api::organizations::{DescribeOrganizationalUnitRequest, DescribeOrganizationalUnitResponse};
use platform::{Ctx, Result};

use crate::access::{About, Reach, permit};
use crate::units::{no_unit, shown};

pub(crate) async fn describe_organizational_unit(
    ctx: &Ctx,
    req: DescribeOrganizationalUnitRequest,
) -> Result<DescribeOrganizationalUnitResponse> {
    let id = &req.organizational_unit_id;
    let action = "organizations:DescribeOrganizationalUnit";
    let permitted = permit(ctx, action, Reach::Reader, About::id(id)).await?;
    let organization = permitted.organization();
    if !organization.units.contains_key(id) {
        return Err(no_unit());
    }
    Ok(DescribeOrganizationalUnitResponse {
        organizational_unit: Some(shown(organization, id)),
    })
}
