//! Rotation without a function: the password of a database's user is changed from here. AWS has
//! this for secrets that its database services own; here it is for any secret that tells a database
//! ("JSON structure of AWS Secrets Manager secrets", user guide) of an engine that is known.
//!
//! Nobody calls when the time comes, so what it takes is granted when rotation is turned on, with
//! the permissions of whoever does that: grants of the KMS keys to Secrets Manager, bound to the
//! secret, and the reading of the superuser's secret.

use api::kms::{
    CreateGrant, CreateGrantRequest, DescribeKey, DescribeKeyRequest, GrantConstraints,
    GrantOperation, RetireGrant, RetireGrantRequest,
};
use api::secretsmanager::{GetSecretValue, GetSecretValueRequest};
use platform::databases::{Engine, How, Login, Rotation as Change, counterpart};
use platform::{Ctx, Error, Result};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use wire::{Entries, Fault};
use zeroize::Zeroizing;

use super::PRINCIPAL;
use super::steps::{Errand, Step, StepFailure};
use crate::access::Secret;
use crate::get_random_password;
use crate::names::{Place, Reference};
use crate::secret::{CURRENT, DEFAULT_KEY, PENDING, PREVIOUS, SecretRecord};
use crate::value::SecretValue;
use crate::{labels, refusals, replication, versions};

/// What passwords do not have: characters that mean something in connection strings.
const EXCLUDED: &str = ":/@\"'\\";
const PASSWORD_LENGTH: usize = 32;

/// What a rotation without a function was given.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Managed {
    /// The ARN of the superuser's secret, where two users take turns.
    pub(crate) superuser: Option<String>,
    pub(crate) grants: Vec<Grant>,
}

/// A grant of a KMS key.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Grant {
    /// The ARN of the secret for which it is: this one, a replica, or the superuser's.
    pub(crate) secret: String,
    /// The ARN of the key.
    pub(crate) key: String,
    pub(crate) id: String,
}

impl Managed {
    /// Lets Secrets Manager rotate a secret by itself; none if its value tells no database that it
    /// knows.
    pub(crate) async fn set_up(ctx: &Ctx, secret: &Secret) -> Result<Option<Self>> {
        let Some(current) = secret.labelled(CURRENT) else {
            return Ok(None);
        };
        let value = versions::open(ctx, (&secret.place, secret), current).await?;
        let Some(object) = object(&value).filter(tells_database) else {
            return Ok(None);
        };
        login(&value).map_err(|text| refusals::wrong_state(text.0))?;
        let mut keys = vec![(
            secret.arn(),
            secret.place.region.clone(),
            secret.key_id.clone(),
        )];
        for replica in &secret.replicas {
            let there = secret.place.in_region(&replica.region);
            let arn = there.arn(&secret.suffix);
            keys.push((arn, replica.region.clone(), replica.key_id.clone()));
        }
        let mut superuser = None;
        if let Some(named) = text(&object, "masterarn") {
            let (arn, key) = readable(ctx, &secret.place, named).await?;
            keys.push((arn.clone(), secret.place.region.clone(), key));
            superuser = Some(arn);
        }
        let mut grants = Vec::new();
        for (secret_arn, region, key) in keys {
            grants.push(grant(ctx, (&secret_arn, &region), key.as_deref()).await?);
        }
        Ok(Some(Self { superuser, grants }))
    }

    /// Gives the keys back.
    pub(crate) async fn take_down(&self, ctx: &Ctx) -> Result<()> {
        for grant in &self.grants {
            let request = RetireGrantRequest {
                grant_token: None,
                key_id: Some(grant.key.clone()),
                grant_id: Some(grant.id.clone()),
                dry_run: false,
            };
            let region = grant.key.split(':').nth(3).unwrap_or_default();
            let call = ctx.as_service(PRINCIPAL).source(&grant.secret);
            match call.in_region(region).call::<RetireGrant>(request).await {
                // A grant that somebody revoked, or whose key is gone, grants nothing.
                Ok(_) | Err(Error::Fault(_)) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// The key that was granted for the secret of this ARN.
    pub(crate) fn key_for(&self, secret_arn: &str) -> Option<&str> {
        let mut grants = self.grants.iter();
        let grant = grants.find(|grant| grant.secret == secret_arn)?;
        Some(&grant.key)
    }
}

/// The superuser's secret, if the caller may read it: its ARN, and its key.
async fn readable(ctx: &Ctx, place: &Place, named: &str) -> Result<(String, Option<String>)> {
    let request = GetSecretValueRequest {
        secret_id: named.to_owned(),
        version_id: None,
        version_stage: None,
    };
    let call = ctx.on_behalf_of_caller("secretsmanager");
    let got = call.call::<GetSecretValue>(request).await?;
    let arn = got.arn.unwrap_or_default();
    let reference = Reference::parse(ctx, &arn)?;
    let is_beside =
        reference.place.account == place.account && reference.place.region == place.region;
    let found = SecretRecord::get(ctx, &reference.place).await?;
    match found.filter(|_| is_beside) {
        Some(found) => Ok((arn, found.key_id.clone())),
        None => Err(refusals::invalid(
            "The secret of masterarn must be in the account and Region of the secret it rotates.",
        )
        .into()),
    }
}

async fn grant(ctx: &Ctx, (secret, region): (&str, &str), key: Option<&str>) -> Result<Grant> {
    let by_kms = || ctx.on_behalf_of_caller("secretsmanager").in_region(region);
    let request = DescribeKeyRequest {
        key_id: key.unwrap_or(DEFAULT_KEY).to_owned(),
        grant_tokens: Vec::new(),
    };
    let described = by_kms().call::<DescribeKey>(request).await?;
    let metadata = described.key_metadata;
    let key = metadata.and_then(|it| it.arn).unwrap_or_default();
    let context = vec![("SecretARN".to_owned(), secret.to_owned())];
    let request = CreateGrantRequest {
        key_id: key.clone(),
        grantee_principal: None,
        retiring_principal: None,
        operations: vec![GrantOperation::Decrypt, GrantOperation::GenerateDataKey],
        constraints: Some(GrantConstraints {
            encryption_context_subset: Some(Entries(context)),
            encryption_context_equals: None,
            source_arn: Some(secret.to_owned()),
        }),
        grant_tokens: Vec::new(),
        name: Some("rotation".to_owned()),
        dry_run: false,
        grantee_service_principal: Some(PRINCIPAL.to_owned()),
        retiring_service_principal: Some(PRINCIPAL.to_owned()),
    };
    let granted = by_kms().call::<CreateGrant>(request).await?;
    Ok(Grant {
        secret: secret.to_owned(),
        key,
        id: granted.grant_id.unwrap_or_default(),
    })
}

impl Errand<'_> {
    /// Does the step without a function.
    pub(super) async fn manage(&self, ctx: &Ctx, managed: &Managed) -> Result<(), StepFailure> {
        let done = match self.step {
            Step::Create => self.create(ctx, managed).await,
            Step::Set => self.set(ctx, managed).await,
            Step::Test => self.test(ctx).await,
            Step::Finish => self.finish(ctx).await,
        };
        done.map_err(|failure| {
            let step = self.step.name();
            StepFailure(format!(
                "Managed rotation failed during {step} step: {}",
                failure.0
            ))
        })
    }

    /// Makes the version with a new password, and the other user's name where two take turns.
    async fn create(&self, ctx: &Ctx, managed: &Managed) -> Result<(), StepFailure> {
        if self.secret.content_of(self.token).is_some() {
            return Ok(());
        }
        let current = self.open(ctx, CURRENT).await?.ok_or_else(no_current)?;
        let mut object = object(&current).ok_or_else(no_current)?;
        self.check_superuser(&object, managed)?;
        if managed.superuser.is_some() {
            let login = login(&current)?;
            let other = counterpart(login.engine, &login.username).map_err(told)?;
            object.insert("username".to_owned(), Value::String(other));
        }
        let password = get_random_password::draw_without(ctx, EXCLUDED, PASSWORD_LENGTH);
        let password = password.map_err(failed)?;
        object.insert("password".to_owned(), Value::String(password.to_string()));
        let text = Zeroizing::new(Value::Object(object).to_string());
        let mut draft = self.secret.clone();
        draft.changed_millis = ctx.now.millis;
        let new = (self.token, &SecretValue::Text(text));
        let added = versions::add(ctx, (self.place, &mut draft), new, &[PENDING.to_owned()]).await;
        added.map_err(failed)?;
        replication::store(ctx, self.place, draft)
            .await
            .map_err(failed)
    }

    async fn set(&self, ctx: &Ctx, managed: &Managed) -> Result<(), StepFailure> {
        let pending = self.open(ctx, PENDING).await?.ok_or_else(no_pending)?;
        let current = self.open(ctx, CURRENT).await?.ok_or_else(no_current)?;
        let previous = self.open(ctx, PREVIOUS).await?;
        let object = object(&current).ok_or_else(no_current)?;
        self.check_superuser(&object, managed)?;
        let how = match &managed.superuser {
            None => How::Single,
            Some(arn) => How::Alternating(Box::new(superuser(ctx, arn).await?)),
        };
        let change = Change {
            pending: login(&pending)?,
            current: login(&current)?,
            previous: previous.and_then(|previous| login(&previous).ok()),
            how,
        };
        let databases = ctx.upkeep().databases();
        databases.set_password(change).await.map_err(told)
    }

    async fn test(&self, ctx: &Ctx) -> Result<(), StepFailure> {
        let pending = self.open(ctx, PENDING).await?.ok_or_else(no_pending)?;
        let databases = ctx.upkeep().databases();
        databases.test(login(&pending)?).await.map_err(told)
    }

    async fn finish(&self, ctx: &Ctx) -> Result<(), StepFailure> {
        let mut draft = self.secret.clone();
        let moved = labels::attach(&mut draft, CURRENT, self.token);
        moved.map_err(|fault| failed(fault.into()))?;
        labels::detach(&mut draft, PENDING);
        draft.changed_millis = ctx.now.millis;
        replication::store(ctx, self.place, draft)
            .await
            .map_err(failed)
    }

    /// What the version with this label says.
    async fn open(&self, ctx: &Ctx, label: &str) -> Result<Option<SecretValue>, StepFailure> {
        let found = self.secret.labelled(label);
        let Some(id) = found.filter(|id| self.secret.content_of(id).is_some()) else {
            return Ok(None);
        };
        let opened = versions::open(ctx, (self.place, self.secret), id).await;
        opened.map(Some).map_err(failed)
    }

    /// Whoever may write the secret does not thereby choose a superuser: it is the one whose secret
    /// was read when rotation was turned on.
    fn check_superuser(
        &self,
        object: &Map<String, Value>,
        managed: &Managed,
    ) -> Result<(), StepFailure> {
        let known = managed.superuser.as_deref();
        let is_same = match (text(object, "masterarn"), known) {
            (None, None) => true,
            (Some(named), Some(known)) => named == known || known.starts_with(&format!("{named}-")),
            _ => false,
        };
        match is_same {
            true => Ok(()),
            false => Err(StepFailure(
                "masterarn has changed since rotation was turned on".to_owned(),
            )),
        }
    }
}

/// The superuser's login.
async fn superuser(ctx: &Ctx, arn: &str) -> Result<Login, StepFailure> {
    let gone = || StepFailure("the secret of masterarn is gone".to_owned());
    let reference = Reference::parse(ctx, arn).map_err(|_| gone())?;
    let found = SecretRecord::get(ctx, &reference.place)
        .await
        .map_err(failed)?;
    let found = found.filter(|found| found.is_meant(&reference) && found.deletion.is_none());
    let record = found.ok_or_else(gone)?;
    let current = record.labelled(CURRENT).ok_or_else(gone)?;
    let value = versions::open(ctx, (&reference.place, &record), current).await;
    login(&value.map_err(failed)?)
}

fn login(value: &SecretValue) -> Result<Login, StepFailure> {
    let SecretValue::Text(text) = value else {
        return Err(StepFailure("the secret is no JSON object".to_owned()));
    };
    Login::from_json(text).map_err(told)
}

fn object(value: &SecretValue) -> Option<Map<String, Value>> {
    let SecretValue::Text(text) = value else {
        return None;
    };
    serde_json::from_str(text).ok()
}

fn tells_database(object: &Map<String, Value>) -> bool {
    text(object, "engine").is_some_and(|engine| Engine::named(engine).is_ok())
}

fn text<'o>(object: &'o Map<String, Value>, name: &str) -> Option<&'o str> {
    let text = object.get(name).and_then(Value::as_str);
    text.filter(|text| !text.is_empty())
}

fn told(failure: impl std::fmt::Display) -> StepFailure {
    StepFailure(failure.to_string())
}

/// What KMS refused; anything else goes to the log alone.
fn failed(error: Error) -> StepFailure {
    match error {
        Error::Fault(fault) => StepFailure(said(&fault)),
        Error::Internal(error) => {
            tracing::error!(%error, "a step of a rotation failed");
            StepFailure("an internal failure".to_owned())
        }
    }
}

fn said(fault: &Fault) -> String {
    fault.message().unwrap_or("refused").to_owned()
}

fn no_current() -> StepFailure {
    StepFailure("no version is current that tells a database".to_owned())
}

fn no_pending() -> StepFailure {
    StepFailure("no version is pending".to_owned())
}
