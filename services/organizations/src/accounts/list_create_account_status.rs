//! `organizations:ListCreateAccountStatus`: shows the requests to make accounts.

use api::organizations::{ListCreateAccountStatusRequest, ListCreateAccountStatusResponse};
use platform::{Ctx, Result};

use crate::access::{About, Reach, permit};
use crate::accounts::status::CreateAccountRecord;
use crate::page::{Wanted, page};

pub(crate) async fn list_create_account_status(
    ctx: &Ctx,
    req: ListCreateAccountStatusRequest,
) -> Result<ListCreateAccountStatusResponse> {
    let action = "organizations:ListCreateAccountStatus";
    let permitted = permit(ctx, action, Reach::Reader, About::everything()).await?;
    let requests = CreateAccountRecord::all(ctx, permitted.organization()).await?;
    let wanted_states = &req.states;
    let requests = requests.into_iter();
    let requests = requests
        .filter(|request| wanted_states.is_empty() || wanted_states.contains(&request.state()))
        .collect();
    let wanted = Wanted {
        next_token: req.next_token,
        max_results: req.max_results,
    };
    let (requests, next_token) = page(requests, |request| request.id.clone(), &wanted)?;
    Ok(ListCreateAccountStatusResponse {
        create_account_statuses: Some(requests.iter().map(|request| request.shown()).collect()),
        next_token,
    })
}
