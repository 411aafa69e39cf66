//! `organizations:ListRoots`: shows the root, of which there is one.

use api::organizations::{ListRootsRequest, ListRootsResponse};
use platform::{Ctx, Result};

use crate::access::{About, Reach, permit};
use crate::page::{Wanted, page};

pub(crate) async fn list_roots(ctx: &Ctx, req: ListRootsRequest) -> Result<ListRootsResponse> {
    let action = "organizations:ListRoots";
    let permitted = permit(ctx, action, Reach::Reader, About::everything()).await?;
    let wanted = Wanted {
        next_token: req.next_token,
        max_results: req.max_results,
    };
    let organization = permitted.organization();
    let roots = vec![organization.root_id.clone()];
    let (roots, next_token) = page(roots, String::clone, &wanted)?;
    Ok(ListRootsResponse {
        roots: Some(roots.iter().map(|_| organization.shown_root()).collect()),
        next_token,
    })
}
