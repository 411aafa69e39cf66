//! Who may ask what: the one way to a secret ("Actions, resources, and condition keys for AWS
//! Secrets Manager", service authorization reference).

use std::borrow::Cow;
use std::ops::Deref;
use std::sync::Arc;

use platform::{ConditionKeys, Ctx, Everything, FoundResource, Resource, ResourcePolicy, Result};
use policy::{Policy, ResourceRule, Values};
use wire::Fault;

use crate::names::{Place, Reference};
use crate::secret::SecretRecord;
use crate::{links, owning, refusals};

/// A secret that the caller may do to what it asked for.
pub(crate) struct Secret {
    pub(crate) place: Place,
    record: Arc<SecretRecord>,
}

impl Deref for Secret {
    type Target = SecretRecord;

    fn deref(&self) -> &SecretRecord {
        &self.record
    }
}

impl Secret {
    /// A secret that was decided about.
    pub(crate) fn new(place: Place, record: Arc<SecretRecord>) -> Self {
        Self { place, record }
    }

    /// The record, to be changed at this time.
    pub(crate) fn draft(&self, ctx: &Ctx) -> SecretRecord {
        let mut draft = SecretRecord::clone(&self.record);
        draft.changed_millis = ctx.now.millis;
        draft
    }

    /// Refuses what replicas do not do.
    pub(crate) fn check_is_primary(&self) -> Result<(), Fault> {
        match self.record.primary(&self.place) {
            None => Ok(()),
            Some(_) => Err(refusals::is_replica()),
        }
    }

    /// The ARN.
    pub(crate) fn arn(&self) -> String {
        self.place.arn(&self.record.suffix)
    }
}

/// What a request says beside the secret it names.
#[derive(Clone, Default)]
pub(crate) struct Asked<'a> {
    pub(crate) tags: &'a [(String, String)],
    pub(crate) tag_keys: &'a [String],
    /// The Regions that a secret is to be replicated to.
    pub(crate) regions: &'a [String],
    /// Condition keys in lower case without the service's prefix, and their values.
    pub(crate) keys: Vec<(&'static str, String)>,
}

/// Decides about an action that AWS knows no resource of.
pub(crate) async fn everything(ctx: &Ctx, action: &'static str) -> Result<()> {
    let account = ctx.account().to_owned();
    ctx.authorize(action, Everything { account })
        .decide()
        .await?;
    Ok(())
}

/// The secret that `text` names, if the caller may do this to it; one that waits for its deletion
/// too.
pub(crate) async fn any(
    ctx: &Ctx,
    action: &'static str,
    text: &str,
    asked: Asked<'_>,
) -> Result<Secret> {
    let (place, found) = perhaps(ctx, action, text, asked).await?;
    let record = found.ok_or_else(refusals::no_secret)?;
    Ok(Secret { place, record })
}

/// The secret that `text` names, if the caller may do this to it and it does not wait for its
/// deletion.
pub(crate) async fn live(
    ctx: &Ctx,
    action: &'static str,
    text: &str,
    asked: Asked<'_>,
) -> Result<Secret> {
    let secret = any(ctx, action, text, asked).await?;
    match secret.deletion {
        None => Ok(secret),
        Some(_) => Err(refusals::marked().into()),
    }
}

/// The same, if it is no replica in another Region: these follow their primary secrets. Its resource
/// policy is its account's business, whichever service manages it.
pub(crate) async fn governed(
    ctx: &Ctx,
    action: &'static str,
    text: &str,
    asked: Asked<'_>,
) -> Result<Secret> {
    let secret = live(ctx, action, text, asked).await?;
    secret.check_is_primary()?;
    Ok(secret)
}

/// The same, if no other service manages it.
pub(crate) async fn writable(
    ctx: &Ctx,
    action: &'static str,
    text: &str,
    asked: Asked<'_>,
) -> Result<Secret> {
    let secret = governed(ctx, action, text, asked).await?;
    owning::check(ctx, &secret)?;
    Ok(secret)
}

/// The same, if it is no replica of another account's secret either: what these say is not their
/// owner's business.
pub(crate) async fn valued(
    ctx: &Ctx,
    action: &'static str,
    text: &str,
    asked: Asked<'_>,
) -> Result<Secret> {
    let secret = writable(ctx, action, text, asked).await?;
    links::check_takes_values(ctx, &secret).await?;
    Ok(secret)
}

/// Decides about the secret that `text` names, whether or not it exists.
pub(crate) async fn perhaps(
    ctx: &Ctx,
    action: &'static str,
    text: &str,
    asked: Asked<'_>,
) -> Result<(Place, Option<Arc<SecretRecord>>)> {
    let reference = match Reference::parse(ctx, text) {
        Ok(reference) => reference,
        Err(bad) => {
            everything(ctx, action).await?;
            return Err(bad.into());
        }
    };
    let found = SecretRecord::get(ctx, &reference.place).await?;
    let record = found.filter(|found| found.is_meant(&reference));
    let resource = SecretResource::new(reference, record)?;
    let decided = decide(ctx, action, resource, asked).await?;
    Ok((decided.place, decided.record))
}

/// The secret of another account that is to follow one of the caller's, if both accounts let it:
/// beside the policy that its owner wrote counts the one that Secrets Manager attached.
pub(crate) async fn accepting(ctx: &Ctx, text: &str) -> Result<Secret> {
    let action = "secretsmanager:AcceptCrossAccountReplication";
    let reference = match Reference::parse(ctx, text) {
        Ok(reference) => reference,
        Err(bad) => {
            everything(ctx, action).await?;
            return Err(bad.into());
        }
    };
    let found = SecretRecord::get(ctx, &reference.place).await?;
    let record = found.filter(|found| found.is_meant(&reference));
    let policies = match &record {
        Some(record) => links::policies(ctx, (&reference.place, record)).await?,
        None => None,
    };
    let mut resource = SecretResource::new(reference, record)?;
    resource.policies = policies;
    let decided = decide(ctx, action, resource, Asked::default()).await?;
    let record = decided.record.ok_or_else(refusals::no_secret)?;
    Ok(Secret::new(decided.place, record))
}

/// Decides about a secret that is to be made, with these random characters.
pub(crate) async fn new(
    ctx: &Ctx,
    action: &'static str,
    (place, suffix): (&Place, &str),
    asked: Asked<'_>,
) -> Result<()> {
    let resource = SecretResource {
        arn: place.arn(suffix),
        shown: place.name.clone(),
        place: place.clone(),
        record: None,
        policies: None,
    };
    decide(ctx, action, resource, asked).await?;
    Ok(())
}

/// Decides about a secret as `draft` would have it: nobody takes a permission away from themselves
/// with a tag (TagResource).
pub(crate) async fn still(
    ctx: &Ctx,
    action: &'static str,
    (secret, draft): (&Secret, &SecretRecord),
    asked: Asked<'_>,
) -> Result<()> {
    let resource = SecretResource {
        arn: secret.arn(),
        shown: secret.arn(),
        place: secret.place.clone(),
        record: Some(Arc::new(draft.clone())),
        policies: None,
    };
    decide(ctx, action, resource, asked).await?;
    Ok(())
}

/// Whether the caller could still put a policy, if `document` were that of the secret.
pub(crate) async fn keeps_control(ctx: &Ctx, secret: &Secret, document: &str) -> Result<bool> {
    let record = SecretRecord {
        policy: Some(document.to_owned()),
        ..SecretRecord::clone(&secret.record)
    };
    record.policy()?;
    let resource = SecretResource {
        arn: secret.arn(),
        shown: secret.arn(),
        place: secret.place.clone(),
        record: Some(Arc::new(record)),
        policies: None,
    };
    let keys = Keys::of(&resource, &Asked::default());
    let access = ctx.authorize("secretsmanager:PutResourcePolicy", resource);
    access.keys(&keys).would_allow().await
}

/// The secret of this ARN, for explanations of decisions.
pub(crate) fn find<'a>(ctx: &'a Ctx, arn: &'a str) -> FoundResource<'a> {
    Box::pin(async move {
        if !arn.starts_with("arn:") {
            return Ok(None);
        }
        let Ok(reference) = Reference::parse(ctx, arn) else {
            return Ok(None);
        };
        let found = SecretRecord::get(ctx, &reference.place).await?;
        let Some(record) = found.filter(|found| found.is_meant(&reference)) else {
            return Ok(None);
        };
        let found = SecretResource::new(reference, Some(record))?;
        Ok(Some(Box::new(found) as Box<dyn Resource>))
    })
}

async fn decide(
    ctx: &Ctx,
    action: &'static str,
    resource: SecretResource,
    asked: Asked<'_>,
) -> Result<SecretResource> {
    let keys = Keys::of(&resource, &asked);
    let access = ctx.authorize(action, resource).keys(&keys);
    let access = access.request_tags(asked.tags).tag_keys(asked.tag_keys);
    Ok(access.decide().await?.into_inner())
}

/// A secret, for decisions.
struct SecretResource {
    arn: String,
    /// As the caller named it: a refusal does not tell whether it exists.
    shown: String,
    place: Place,
    record: Option<Arc<SecretRecord>>,
    /// All of its policies, where it counts that there are several.
    policies: Option<Policy>,
}

impl SecretResource {
    fn new(reference: Reference, record: Option<Arc<SecretRecord>>) -> Result<Self> {
        let arn = match &record {
            Some(record) => {
                record.policy()?;
                reference.place.arn(&record.suffix)
            }
            None => reference.unknown_arn(),
        };
        Ok(Self {
            arn,
            shown: reference.text,
            place: reference.place,
            record,
            policies: None,
        })
    }
}

impl Resource for SecretResource {
    fn arn(&self) -> Cow<'_, str> {
        Cow::Borrowed(&self.arn)
    }

    fn account(&self) -> &str {
        &self.place.account
    }

    fn shown(&self) -> Cow<'_, str> {
        Cow::Borrowed(&self.shown)
    }

    fn audit_type(&self) -> Option<&'static str> {
        self.record.as_ref().map(|_| "AWS::SecretsManager::Secret")
    }

    fn policy(&self) -> Option<ResourcePolicy<'_>> {
        let policy = match &self.policies {
            Some(policies) => policies,
            None => self.record.as_ref()?.policy().ok().flatten()?,
        };
        Some(ResourcePolicy {
            name: "resource policy",
            policy,
            rule: ResourceRule::Standard,
        })
    }

    fn tag(&self, key: &str) -> Option<&str> {
        let record = self.record.as_ref()?;
        tag(&record.tags, key)
    }
}

/// The service's condition keys of one decision.
struct Keys<'a> {
    given: Vec<(&'static str, String)>,
    regions: &'a [String],
    record: Option<Arc<SecretRecord>>,
}

impl<'a> Keys<'a> {
    fn of(resource: &SecretResource, asked: &Asked<'a>) -> Self {
        let (record, mut given) = (resource.record.clone(), asked.keys.clone());
        if let Some(record) = &record {
            given.push(("secretid", resource.arn.clone()));
            let region = record.primary_region.as_ref();
            let region = region.unwrap_or(&resource.place.region);
            given.push(("secretprimaryregion", region.clone()));
            let rotation = record.rotation.as_ref();
            let function = rotation.and_then(|it| it.function.clone());
            given.extend(function.map(|it| ("resource/allowrotationlambdaarn", it)));
            given.extend(record.kind.clone().map(|it| ("resource/type", it)));
        } else {
            given.push(("secretid", resource.arn.clone()));
        }
        Self {
            given,
            regions: asked.regions,
            record,
        }
    }
}

impl ConditionKeys for Keys<'_> {
    fn values(&self, key: &str) -> Option<Values<'_>> {
        let key = key.strip_prefix("secretsmanager:")?;
        if let Some(name) = key.strip_prefix("resourcetag/") {
            let tags = &self.record.as_ref()?.tags;
            return tag(tags, name).map(Values::from);
        }
        if key == "addreplicaregions" {
            return Some(Values::Many(self.regions)).filter(|regions| !regions.is_empty());
        }
        let mut given = self.given.iter();
        let (_, value) = given.find(|(known, _)| *known == key)?;
        Some(Values::from(value.as_str()))
    }
}

fn tag<'a>(tags: &'a [(String, String)], key: &str) -> Option<&'a str> {
    let wanted = key.to_lowercase();
    let found = tags
        .iter()
        .find(|(known, _)| known.to_lowercase() == wanted);
    found.map(|(_, value)| value.as_str())
}
