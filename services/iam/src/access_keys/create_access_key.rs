//! `iam:CreateAccessKey`: makes an access key, by default of the caller, and shows its secret for
//! the only time.

use api::iam::{
    AccessKey, CreateAccessKeyRequest, CreateAccessKeyResponse, LimitExceededException,
};
use platform::{Ctx, Error, Result};
use wire::Timestamp;

use crate::access_keys::record::{AccessKeyRecord, Draft, Owner, QUOTA};
use crate::ids;
use crate::users::subject::{self, Holder, Subject};

pub(crate) async fn create_access_key(
    ctx: &Ctx,
    req: CreateAccessKeyRequest,
) -> Result<CreateAccessKeyResponse> {
    let subject = Subject::named_or_caller(ctx, req.user_name).await?;
    let permitted = subject.permit(ctx, "iam:CreateAccessKey").await?;
    let holder = subject::holder(ctx, permitted).await?;
    if holder.access_keys().len() >= QUOTA {
        let message = format!("Cannot exceed quota for AccessKeysPerUser: {QUOTA}");
        return Err(LimitExceededException::new(message).into());
    }

    let draft = Draft {
        id: unused_id(ctx).await?,
        account: ctx.account().to_owned(),
        owner: owner(&holder),
        now: ctx.now,
    };
    let secret = ids::secret_access_key(ctx.random())?;
    let key = AccessKeyRecord::new(draft, &secret, ctx.keyring(), ctx.random())
        .map_err(Error::internal)?;
    let shown = AccessKey {
        user_name: key.owner.user_name(),
        access_key_id: Some(key.id.clone()),
        status: Some(key.status()),
        secret_access_key: Some(secret),
        create_date: Some(Timestamp {
            millis: key.created_millis,
        }),
    };
    let mut ids = holder.access_keys().to_vec();
    ids.push(key.id.clone());
    holder.put_access_keys(ctx, ids).await;
    key.put(ctx).await;
    Ok(CreateAccessKeyResponse {
        access_key: Some(shown),
    })
}

fn owner(holder: &Holder) -> Owner {
    match holder {
        Holder::Root(_) => Owner::Root,
        Holder::User(user) => Owner::user(user),
    }
}

/// An id that no account uses. Having read its place, the commit fails if another call takes it.
async fn unused_id(ctx: &Ctx) -> Result<String> {
    let id = ids::access_key_id(ctx.random())?;
    match ctx
        .get::<AccessKeyRecord>(&AccessKeyRecord::key(&id))
        .await?
    {
        None => Ok(id),
        Some(_) => Err(Error::internal("a random access key id is taken")),
    }
}
