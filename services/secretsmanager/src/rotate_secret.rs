//! `secretsmanager:RotateSecret`: says how a secret is rotated, and begins a rotation.

use api::secretsmanager::{RotateSecretRequest, RotateSecretResponse};
use platform::{Ctx, Result};
use wire::Fault;

use crate::access::{self, Asked, Secret};
use crate::rotation::{self, Begun, Managed, Rotation, Rules};
use crate::secret::CURRENT;
use crate::{refusals, value};

pub(crate) async fn rotate_secret(
    ctx: &Ctx,
    req: RotateSecretRequest,
) -> Result<RotateSecretResponse> {
    let secret = authorize(ctx, &req).await?;
    refuse_unsupported(&req)?;
    let token = token(&req)?;
    let mut rotation = configured(ctx, &secret, &req)?;
    match &rotation.function {
        Some(function) => rotation::may_run(ctx, function, &secret.arn()).await?,
        None => rotation.managed = Some(managed(ctx, &secret).await?),
    }
    if is_repeated(&secret, &token) {
        return Ok(answer(&secret, token));
    }
    if rotation::is_incomplete(&secret) {
        rotation::reattempt(ctx, &secret.place).await?;
        return Err(refusals::wrong_state(
            "A previous rotation isn't complete. That rotation will be reattempted.",
        )
        .into());
    }
    if secret.version(&token).is_some() {
        return Err(refusals::token_in_use(&token, &secret.arn()).into());
    }
    let until = rotation::until(secret.rotation.as_ref(), ctx.now);
    rotation.schedule_after(ctx.now);
    let place = &secret.place;
    let mut draft = secret.draft(ctx);
    draft.rotation = Some(rotation);
    let begun = Begun {
        token: Some(&token),
        is_test: !req.rotate_immediately.unwrap_or(true),
        until,
    };
    let token = rotation::begin(ctx, (place, &mut draft), begun).await?;
    let before = secret.rotation.as_ref();
    rotation::follow_schedule(ctx, (place, &draft), before).await?;
    ctx.put(place.key(), draft).await;
    Ok(answer(&secret, token))
}

async fn authorize(ctx: &Ctx, req: &RotateSecretRequest) -> Result<Secret> {
    let role = req.external_secret_rotation_role_arn.clone();
    let mut keys = vec![
        (
            "modifyrotationrules",
            req.rotation_rules.is_some().to_string(),
        ),
        (
            "rotateimmediately",
            req.rotate_immediately.unwrap_or(true).to_string(),
        ),
    ];
    keys.extend(named(req).map(|arn| ("rotationlambdaarn", arn.to_owned())));
    keys.extend(role.map(|arn| ("externalsecretrotationrolearn", arn)));
    let asked = Asked {
        keys,
        ..Asked::default()
    };
    let action = "secretsmanager:RotateSecret";
    access::valued(ctx, action, &req.secret_id, asked).await
}

/// What it takes to rotate the secret without a function.
async fn managed(ctx: &Ctx, secret: &Secret) -> Result<Managed> {
    let managed = Managed::set_up(ctx, secret).await?;
    managed.ok_or_else(|| {
        refusals::wrong_state("No Lambda rotation function ARN is associated with this secret.")
            .into()
    })
}

/// The id of the version that the rotation makes. That there is none is another error here than in
/// the operations that store a value.
fn token(req: &RotateSecretRequest) -> Result<String, Fault> {
    let token = req.client_request_token.as_deref();
    value::version_id(token).map_err(|_| refusals::invalid(value::NO_TOKEN))
}

/// What is not built is refused, not passed over.
fn refuse_unsupported(req: &RotateSecretRequest) -> Result<(), Fault> {
    let is_external = req.external_secret_rotation_role_arn.is_some()
        || !req.external_secret_rotation_metadata.is_empty();
    match is_external {
        true => Err(refusals::invalid(
            "Managed external secrets are not supported.",
        )),
        false => Ok(()),
    }
}

/// The function that a request names.
fn named(req: &RotateSecretRequest) -> Option<&str> {
    let named = req.rotation_lambda_arn.as_deref();
    named.filter(|arn| !arn.is_empty())
}

/// How the secret is rotated from now on: as it was, but for what the request says.
fn configured(ctx: &Ctx, secret: &Secret, req: &RotateSecretRequest) -> Result<Rotation, Fault> {
    let mut rotation = secret.rotation.clone().unwrap_or(Rotation {
        enabled: true,
        function: None,
        managed: None,
        after_days: None,
        schedule: None,
        duration: None,
        set_millis: ctx.now.millis,
        last_millis: None,
        next: None,
        progress: None,
    });
    rotation.enabled = true;
    if let Some(function) = named(req) {
        rotation.function = Some(function.to_owned());
    }
    if let Some(rules) = &req.rotation_rules {
        let (days, schedule) = (rules.automatically_after_days, &rules.schedule_expression);
        if days.is_some() || schedule.is_some() {
            rotation.after_days = days;
            rotation.schedule.clone_from(schedule);
            rotation.set_millis = ctx.now.millis;
        }
        rotation.duration.clone_from(&rules.duration);
        let (schedule, duration) = (rotation.schedule.as_deref(), rotation.duration.as_deref());
        Rules::parse(rotation.after_days, schedule, duration)?;
    }
    Ok(rotation)
}

/// Whether a rotation of this token is under way, or over.
fn is_repeated(secret: &Secret, token: &str) -> bool {
    let progress = secret.rotation.as_ref().and_then(|it| it.progress.as_ref());
    let is_under_way = progress.is_some_and(|it| it.token == token);
    is_under_way || (secret.rotation.is_some() && secret.labelled(CURRENT) == Some(token))
}

fn answer(secret: &Secret, version_id: String) -> RotateSecretResponse {
    RotateSecretResponse {
        arn: Some(secret.arn()),
        name: Some(secret.place.name.clone()),
        version_id: Some(version_id),
    }
}
