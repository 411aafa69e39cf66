//! `organizations:ListChildren`: shows the accounts or units that are directly in a parent.

use api::organizations::{Child, ChildType, ListChildrenRequest, ListChildrenResponse};
use platform::{Ctx, Result};

use crate::access::{About, Reach, permit};
use crate::page::{Wanted, page};
use crate::units::no_parent;

pub(crate) async fn list_children(
    ctx: &Ctx,
    req: ListChildrenRequest,
) -> Result<ListChildrenResponse> {
    let about = About::id(&req.parent_id);
    let permitted = permit(ctx, "organizations:ListChildren", Reach::Reader, about).await?;
    let organization = permitted.organization();
    if !organization.is_parent(&req.parent_id) {
        return Err(no_parent());
    }
    let ids: Vec<String> = match req.child_type {
        ChildType::Account => organization.accounts_in(&req.parent_id).cloned().collect(),
        ChildType::OrganizationalUnit => {
            let units = organization.units_in(&req.parent_id);
            units.map(|(id, _)| id.clone()).collect()
        }
    };
    let wanted = Wanted {
        next_token: req.next_token,
        max_results: req.max_results,
    };
    let (ids, next_token) = page(ids, String::clone, &wanted)?;
    let child = |id| Child {
        id: Some(id),
        r#type: Some(req.child_type),
    };
    Ok(ListChildrenResponse {
        children: Some(ids.into_iter().map(child).collect()),
        next_token,
    })
}
