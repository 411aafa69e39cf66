//! `secretsmanager:DeleteSecret`: marks a secret for deletion, or deletes it at once.

use api::secretsmanager::{DeleteSecretRequest, DeleteSecretResponse};
use platform::{Ctx, Result};
use wire::Fault;

use crate::access::{self, Asked, Secret};
use crate::describing::time;
use crate::secret::Deletion;
use crate::told::{Event, Told};
use crate::{deletion, links, owning, refusals};

/// The days in which a secret can be restored.
const DEFAULT_DAYS: i64 = 30;
const DAY_MILLIS: i64 = 24 * 60 * 60 * 1000;

pub(crate) async fn delete_secret(
    ctx: &Ctx,
    req: DeleteSecretRequest,
) -> Result<DeleteSecretResponse> {
    let force = req.force_delete_without_recovery;
    let mut keys = vec![("forcedeletewithoutrecovery", force.to_string())];
    let days = req.recovery_window_in_days;
    keys.extend(days.map(|days| ("recoverywindowindays", days.to_string())));
    let asked = Asked {
        keys,
        ..Asked::default()
    };
    let action = "secretsmanager:DeleteSecret";
    let (place, found) = access::perhaps(ctx, action, &req.secret_id, asked).await?;
    let days = window(force, days)?;
    let Some(found) = found else {
        // Whoever insists does not mind that there is none.
        return match force {
            true => Ok(DeleteSecretResponse {
                arn: Some(req.secret_id).filter(|id| id.starts_with("arn:")),
                name: Some(place.name),
                deletion_date: Some(ctx.now),
            }),
            false => Err(refusals::no_secret().into()),
        };
    };
    let secret = Secret::new(place, found);
    secret.check_is_primary()?;
    if force {
        // Whoever else deletes it leaves the service the time to take it back.
        owning::check(ctx, &secret)?;
    }
    check_has_no_replicas(&secret)?;
    links::check_has_none(ctx, &secret).await?;
    let told = Told::about((&secret.place, &secret));
    if secret.deletion.is_none() {
        told.note(ctx, Event::Start)?;
    }
    let due_millis = match force {
        true => {
            deletion::delete(ctx, &secret).await?;
            told.note(ctx, Event::End)?;
            ctx.now.millis
        }
        false => mark(ctx, &secret, days).await?,
    };
    Ok(DeleteSecretResponse {
        arn: Some(secret.arn()),
        name: Some(secret.place.name.clone()),
        deletion_date: Some(time(due_millis)),
    })
}

/// Replicas are removed first (RemoveRegionsFromReplication).
fn check_has_no_replicas(secret: &Secret) -> Result<(), Fault> {
    let regions = secret
        .replicas
        .iter()
        .map(|replica| replica.region.as_str());
    let regions: Vec<&str> = regions.collect();
    match regions.is_empty() {
        true => Ok(()),
        false => Err(refusals::invalid(format!(
            "You can't delete secret {} that still has replica regions [{}].",
            secret.arn(),
            regions.join(", ")
        ))),
    }
}

/// The recovery window in days.
fn window(force: bool, days: Option<i64>) -> Result<i64, Fault> {
    match days {
        Some(_) if force => Err(refusals::invalid(
            "You can't use ForceDeleteWithoutRecovery in conjunction with RecoveryWindowInDays.",
        )),
        Some(days) if !(7..=30).contains(&days) => Err(refusals::invalid(
            "The RecoveryWindowInDays value must be between 7 and 30 days (inclusive).",
        )),
        days => Ok(days.unwrap_or(DEFAULT_DAYS)),
    }
}

/// Marks a secret, and gives the time of its deletion.
async fn mark(ctx: &Ctx, secret: &Secret, days: i64) -> Result<i64> {
    if secret.deletion.is_some() {
        return Err(refusals::wrong_state(
            "You can't perform this operation on the secret because it was already scheduled for \
             deletion.",
        )
        .into());
    }
    let due_millis = ctx.now.millis.saturating_add(days * DAY_MILLIS);
    let mut draft = secret.draft(ctx);
    draft.deletion = Some(Deletion {
        asked_millis: ctx.now.millis,
        due_millis,
    });
    deletion::schedule(ctx, &secret.place, due_millis).await;
    ctx.put(secret.place.key(), draft).await;
    Ok(due_millis)
}
