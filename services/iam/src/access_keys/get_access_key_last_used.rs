//! `iam:GetAccessKeyLastUsed`: shows when, and for what, an access key was last used.

use std::borrow::Cow;

use api::iam::{AccessKeyLastUsed, GetAccessKeyLastUsedRequest, GetAccessKeyLastUsedResponse};
use platform::{Ctx, Resource, Result};
use wire::{Common, Fault};

use crate::access_keys::record::{AccessKeyRecord, Owner};
use crate::last_used;
use crate::users::{UserRecord, record::arn};

const ACTION: &str = "iam:GetAccessKeyLastUsed";

pub(crate) async fn get_access_key_last_used(
    ctx: &Ctx,
    req: GetAccessKeyLastUsedRequest,
) -> Result<GetAccessKeyLastUsedResponse> {
    let id = req.access_key_id;
    let key = AccessKeyRecord::key(&id);
    let found = ctx.get::<AccessKeyRecord>(&key).await?;
    let found = found.filter(|found| found.account == ctx.account());
    let owner = match found.as_deref().map(|found| &found.owner) {
        Some(Owner::User { name, .. }) => {
            let key = UserRecord::key(ctx.account(), name);
            let user = ctx.get::<UserRecord>(&key).await?;
            user.map(|user| user.arn())
        }
        Some(Owner::Root) => Some(format!("arn:aws:iam::{}:root", ctx.account())),
        None => None,
    };
    let place = KeyPlace {
        account: ctx.account().to_owned(),
        owner: owner.unwrap_or_else(|| arn(ctx.account(), "/", "*")),
        id: id.clone(),
    };
    let shown = place.shown().into_owned();
    ctx.authorize(ACTION, place).decide().await?;
    // AWS refuses a key that the account does not have nearly as it refuses one without permission.
    let Some(found) = found else {
        let caller = &ctx.caller.arn;
        let message =
            format!("User: {caller} is not authorized to perform {ACTION} on resource: {shown}");
        return Err(Fault::common(Common::AccessDenied, message).into());
    };

    let used = last_used::of(ctx, &id).await?;
    let never = || "N/A".to_owned();
    let (date, service, region) = match used {
        Some(used) => (Some(used.at), used.service, used.region),
        None => (None, never(), never()),
    };
    Ok(GetAccessKeyLastUsedResponse {
        user_name: found.owner.user_name(),
        access_key_last_used: Some(AccessKeyLastUsed {
            last_used_date: date,
            service_name: Some(service),
            region: Some(region),
        }),
    })
}

/// An access key; policies name its user.
struct KeyPlace {
    account: String,
    owner: String,
    id: String,
}

impl Resource for KeyPlace {
    fn arn(&self) -> Cow<'_, str> {
        Cow::Borrowed(&self.owner)
    }

    fn account(&self) -> &str {
        &self.account
    }

    fn shown(&self) -> Cow<'_, str> {
        Cow::Owned(format!("access key {}", self.id))
    }
}
