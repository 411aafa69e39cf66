//! `iam:CreateServiceSpecificCredential`: makes credentials for one service, and shows their
//! password for the only time.

use api::iam::{
    CreateServiceSpecificCredentialRequest, CreateServiceSpecificCredentialResponse,
    InvalidInputException, LimitExceededException,
};
use platform::{Ctx, Result};

use crate::credentials::Holding;
use crate::ids;
use crate::service_credentials::record::{Form, QUOTA, ServiceCredential, form, password};
use crate::target::Asked;
use crate::users::subject::Subject;

const DAY_MILLIS: i64 = 24 * 3600 * 1000;

pub(crate) async fn create_service_specific_credential(
    ctx: &Ctx,
    req: CreateServiceSpecificCredentialRequest,
) -> Result<CreateServiceSpecificCredentialResponse> {
    let age = req.credential_age_days.map(|days| days.to_string());
    let mut keys = vec![("servicespecificcredentialservicename", &*req.service_name)];
    keys.extend(
        age.as_deref()
            .map(|age| ("servicespecificcredentialagedays", age)),
    );
    let asked = Asked {
        others: &keys,
        ..Asked::default()
    };
    let subject = Subject::named(ctx, req.user_name).await?;
    let action = "iam:CreateServiceSpecificCredential";
    let permitted = subject.permit_with(ctx, action, &asked).await?;
    let mut holding = Holding::of(ctx, permitted).await?;
    let form = form(&req.service_name)?;
    if form == Form::Password && req.credential_age_days.is_some() {
        let message = "CredentialAgeDays is not supported for this service.";
        return Err(InvalidInputException::new(message).into());
    }
    let same = |known: &&ServiceCredential| known.service == req.service_name;
    let same: Vec<_> = holding.record.services.iter().filter(same).collect();
    if same.len() >= QUOTA {
        let message = format!("Cannot exceed quota for ServiceSpecificCredentialsPerUser: {QUOTA}");
        return Err(LimitExceededException::new(message).into());
    }

    let user = holding.user_name().unwrap_or_default();
    let name = free_name(form, &user, ctx.account(), &same);
    let created_millis = ctx.now.whole_secs().millis;
    let (password, hash) = password(ctx).await?;
    let days = req.credential_age_days.map(i64::from);
    let credential = ServiceCredential {
        id: ids::long_id("ACCA", ctx.random())?,
        service: req.service_name,
        user_name: name,
        active: true,
        created_millis,
        expires_millis: days.map(|days| created_millis + days * DAY_MILLIS),
        hash,
    };
    let shown = credential.shown(ctx, holding.user_name(), password)?;
    holding.record.services.push(credential);
    holding.record.put(ctx).await;
    Ok(CreateServiceSpecificCredentialResponse {
        service_specific_credential: Some(shown),
    })
}

/// The name to sign in with: `alice-at-111122223333`, and `alice+1-at-111122223333` for the
/// second.
fn free_name(form: Form, user: &str, account: &str, taken: &[&ServiceCredential]) -> String {
    let name = |index: usize| match (form, index) {
        (Form::Password, 0) => format!("{user}-at-{account}"),
        (Form::Password, index) => format!("{user}+{index}-at-{account}"),
        (Form::ApiKey, index) => format!("APIKey-{user}-{}-at-{account}", index + 1),
    };
    let is_free = |name: &String| taken.iter().all(|known| known.user_name != *name);
    let free = (0..QUOTA).map(name).find(is_free);
    free.unwrap_or_else(|| name(QUOTA))
}
