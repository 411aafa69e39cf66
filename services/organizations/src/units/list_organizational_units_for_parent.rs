//! `organizations:ListOrganizationalUnitsForParent`: shows the units directly in a parent.

use api::organizations::{
    ListOrganizationalUnitsForParentRequest, ListOrganizationalUnitsForParentResponse,
};
use platform::{Ctx, Result};

use crate::access::{About, Reach, permit};
use crate::page::{Wanted, page};
use crate::units::{no_parent, shown};

pub(crate) async fn list_organizational_units_for_parent(
    ctx: &Ctx,
    req: ListOrganizationalUnitsForParentRequest,
) -> Result<ListOrganizationalUnitsForParentResponse> {
    let about = About::id(&req.parent_id);
    let action = "organizations:ListOrganizationalUnitsForParent";
    let permitted = permit(ctx, action, Reach::Reader, about).await?;
    let organization = permitted.organization();
    if !organization.is_parent(&req.parent_id) {
        return Err(no_parent());
    }
    let units = organization.units_in(&req.parent_id);
    let ids = units.map(|(id, _)| id.clone()).collect();
    let wanted = Wanted {
        next_token: req.next_token,
        max_results: req.max_results,
    };
    let (ids, next_token) = page(ids, String::clone, &wanted)?;
    Ok(ListOrganizationalUnitsForParentResponse {
        organizational_units: Some(ids.iter().map(|id| shown(organization, id)).collect()),
        next_token,
    })
}
