//! `iam:ListServiceSpecificCredentials`: shows which credentials for services a user has, by
//! default the caller, or all users have.

use api::iam::{
    InvalidInputException, ListServiceSpecificCredentialsRequest,
    ListServiceSpecificCredentialsResponse,
};
use platform::{Ctx, Result};
use store::Key;

use crate::credentials::{CredentialsRecord, Holding};
use crate::page::{Wanted, page};
use crate::service_credentials::record::{ServiceCredential, form};
use crate::target::Place;
use crate::users::UserRecord;
use crate::users::subject::Subject;

const ACTION: &str = "iam:ListServiceSpecificCredentials";

type Held = Vec<(Option<String>, ServiceCredential)>;

pub(crate) async fn list_service_specific_credentials(
    ctx: &Ctx,
    req: ListServiceSpecificCredentialsRequest,
) -> Result<ListServiceSpecificCredentialsResponse> {
    let mut held = if req.all_users {
        if req.user_name.is_some() {
            let message = "AllUsers cannot be specified together with UserName.";
            return Err(InvalidInputException::new(message).into());
        }
        of_all_users(ctx).await?
    } else {
        of_one(ctx, req.user_name).await?
    };
    if let Some(service) = &req.service_name {
        form(service)?;
        held.retain(|(_, credential)| credential.service == *service);
    }
    let wanted = Wanted {
        marker: req.marker,
        max_items: req.max_items,
    };
    let paged = page(held, |(_, credential)| &credential.id, &wanted);
    let shown =
        |(name, credential): (Option<String>, ServiceCredential)| credential.listed(ctx, name);
    let shown: Result<Vec<_>> = paged.items.into_iter().map(shown).collect();
    Ok(ListServiceSpecificCredentialsResponse {
        service_specific_credentials: Some(shown?),
        is_truncated: Some(paged.marker.is_some()),
        marker: paged.marker,
    })
}

async fn of_one(ctx: &Ctx, name: Option<String>) -> Result<Held> {
    let subject = Subject::named_or_caller(ctx, name).await?;
    let holding = Holding::of(ctx, subject.permit(ctx, ACTION).await?).await?;
    let name = holding.user_name();
    let services = holding.record.services.into_iter();
    Ok(services.map(|known| (name.clone(), known)).collect())
}

async fn of_all_users(ctx: &Ctx) -> Result<Held> {
    let users = Place::new(ctx, format!("arn:aws:iam::{}:user/*", ctx.account()));
    ctx.authorize(ACTION, users).decide().await?;
    let users = ctx
        .scan_all::<UserRecord>(&UserRecord::prefix(ctx.account()))
        .await?;
    let prefix = Key::new(ctx.account(), "", std::iter::empty::<String>());
    let mut all = Vec::new();
    for (_, record) in ctx.scan_all::<CredentialsRecord>(&prefix).await? {
        let mut users = users.iter().map(|(_, user)| user);
        let user = users.find(|user| user.user_id == record.holder);
        let name = user.map(|user| user.name.clone());
        all.extend(
            record
                .services
                .iter()
                .map(|known| (name.clone(), known.clone())),
        );
    }
    Ok(all)
}
