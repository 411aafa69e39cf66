//! `organizations:ListParents`: shows the one parent of an account or unit.

use api::organizations::{
    ChildNotFoundException, ListParentsRequest, ListParentsResponse, Parent, ParentType,
};
use platform::{Ctx, Result};

use crate::access::{About, Reach, permit};
use crate::page::{Wanted, page};

pub(crate) async fn list_parents(
    ctx: &Ctx,
    req: ListParentsRequest,
) -> Result<ListParentsResponse> {
    let about = About::id(&req.child_id);
    let permitted = permit(ctx, "organizations:ListParents", Reach::Reader, about).await?;
    let organization = permitted.organization();
    let parent = organization
        .parent(&req.child_id)
        .ok_or_else(|| ChildNotFoundException::new("You specified a child that doesn't exist."))?;
    let wanted = Wanted {
        next_token: req.next_token,
        max_results: req.max_results,
    };
    let (ids, next_token) = page(vec![parent.to_owned()], String::clone, &wanted)?;
    let kind = if parent == organization.root_id {
        ParentType::Root
    } else {
        ParentType::OrganizationalUnit
    };
    let shown = |id| Parent {
        id: Some(id),
        r#type: Some(kind),
    };
    Ok(ListParentsResponse {
        parents: Some(ids.into_iter().map(shown).collect()),
        next_token,
    })
}
