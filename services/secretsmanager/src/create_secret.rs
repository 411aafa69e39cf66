//! `secretsmanager:CreateSecret`: makes a secret, with a first version if it gets a value.

use api::secretsmanager::{CreateSecretRequest, CreateSecretResponse, ReplicationStatusType};
use platform::{Ctx, Derived, Result};
use wire::Fault;

use crate::access::{self, Asked};
use crate::describing::{self, Accessed};
use crate::links::{self, LinkRecord, Side, Status};
use crate::names::{self, Place, SUFFIX_LEN};
use crate::secret::{CURRENT, SecretRecord};
use crate::value::{self, SecretValue};
use crate::{
    cross_account, deletion, encryption, order, owning, refusals, replication, tags, versions,
};

/// What the random characters of ARNs are.
const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

pub(crate) async fn create_secret(
    ctx: &Ctx,
    mut req: CreateSecretRequest,
) -> Result<CreateSecretResponse> {
    let place = Place::own(ctx, &req.name);
    if let Err(bad) = names::check(&place.name) {
        access::everything(ctx, "secretsmanager:CreateSecret").await?;
        return Err(bad.into());
    }
    let given = std::mem::take(&mut req.tags);
    let suffix = suffix(ctx)?;
    let new_tags = authorize(ctx, (&place, &suffix), &req, given).await?;
    let owner = owning::of_new(ctx, &place.name)?;
    refuse_unsupported(&req)?;
    replication::check_regions(ctx, &place, &req.add_replica_regions)?;
    let link = cross_account_link(&place, &req)?;
    let text = req.secret_string.take();
    let value = SecretValue::asked(text, req.secret_binary.take())?;
    let token = req.client_request_token.as_deref();
    if let Some(known) = deletion::present(ctx, &place).await? {
        return existing(ctx, (&place, &known), token, value).await;
    }
    let mut record = empty(ctx, suffix, &req);
    tags::merge(&mut record.tags, new_tags)?;
    if let Some(owner) = owner {
        record.owning_service = Some(owner.to_owned());
        let own = vec![(owning::TAG.to_owned(), owner.to_owned())];
        tags::merge(&mut record.tags, own)?;
    }
    record.number = order::enter(ctx, &place).await?;
    let arn = place.arn(&record.suffix);
    if let Some(key_id) = &record.key_id {
        encryption::try_key(ctx, &arn, key_id).await?;
    }
    let mut version_id = None;
    if let Some(value) = &value {
        let id = value::version_id(token)?;
        let labels = [CURRENT.to_owned()];
        versions::add(ctx, (&place, &mut record), (&id, value), &labels).await?;
        version_id = Some(id);
    }
    let force = req.force_overwrite_replica_secret;
    replication::add(ctx, (&place, &mut record), &req.add_replica_regions, force).await?;
    let replication_status = shown_replicas((&place, &record));
    if let Some(link) = link {
        link.put(ctx, (&place, &record)).await;
    }
    ctx.put(place.key(), record).await;
    Ok(CreateSecretResponse {
        arn: Some(arn),
        name: Some(place.name),
        version_id,
        replication_status,
    })
}

/// Decides, and gives the tags.
async fn authorize(
    ctx: &Ctx,
    (place, suffix): (&Place, &str),
    req: &CreateSecretRequest,
    given: Vec<api::secretsmanager::Tag>,
) -> Result<Vec<(String, String)>> {
    let new_tags = match tags::pairs(given) {
        Ok(new_tags) => new_tags,
        Err(bad) => {
            access::everything(ctx, "secretsmanager:CreateSecret").await?;
            return Err(bad.into());
        }
    };
    let mut keys = vec![("name", place.name.clone())];
    keys.extend(req.description.clone().map(|it| ("description", it)));
    keys.extend(req.kms_key_id.clone().map(|it| ("kmskeyid", it)));
    keys.extend(req.r#type.clone().map(|it| ("type", it)));
    let force = req.force_overwrite_replica_secret.to_string();
    keys.push(("forceoverwritereplicasecret", force));
    let regions = replication::regions(&req.add_replica_regions);
    let asked = Asked {
        tags: &new_tags,
        keys,
        regions: &regions,
        ..Asked::default()
    };
    let arn = (place, suffix);
    access::new(ctx, "secretsmanager:CreateSecret", arn, asked.clone()).await?;
    if !new_tags.is_empty() {
        access::new(ctx, "secretsmanager:TagResource", arn, asked.clone()).await?;
    }
    if !regions.is_empty() {
        let action = "secretsmanager:ReplicateSecretToRegions";
        access::new(ctx, action, arn, asked.clone()).await?;
    }
    if req.cross_account_primary_arn.is_some() {
        let mut asked = asked;
        asked
            .keys
            .push(("policyname", links::POLICY_NAME.to_owned()));
        access::new(ctx, "secretsmanager:PutResourcePolicy", arn, asked).await?;
    }
    Ok(new_tags)
}

/// What is not built is refused, not passed over.
fn refuse_unsupported(req: &CreateSecretRequest) -> Result<(), Fault> {
    if req.force_overwrite_replica_secret && req.add_replica_regions.is_empty() {
        let text = "You can't use ForceOverwriteReplicaSecret without AddReplicaRegions.";
        return Err(refusals::invalid(text));
    }
    match req.r#type.as_deref() {
        None | Some("") => Ok(()),
        Some(_) => Err(refusals::invalid(
            "Managed external secrets are not supported.",
        )),
    }
}

/// What ties the secret to one of another account, if it is to be a replica of that.
fn cross_account_link(
    place: &Place,
    req: &CreateSecretRequest,
) -> Result<Option<LinkRecord>, Fault> {
    let Some(primary) = &req.cross_account_primary_arn else {
        return Ok(None);
    };
    let has_value = req.secret_string.is_some() || req.secret_binary.is_some();
    let has_more = req.description.is_some() || req.r#type.is_some();
    if has_value || has_more || !req.add_replica_regions.is_empty() {
        return Err(refusals::invalid(
            "You can't use CrossAccountPrimaryARN with AddReplicaRegions, Description, \
             SecretBinary, SecretString, or Type.",
        ));
    }
    links::other_account(place, primary)?;
    cross_account::check_key(req.kms_key_id.as_deref())?;
    Ok(Some(LinkRecord {
        side: Side::Replica,
        other: primary.clone(),
        role: None,
        status: Status::Pending,
        message: None,
    }))
}

/// The answer where there is a secret of this name: the same request again changes nothing.
async fn existing(
    ctx: &Ctx,
    (place, known): (&Place, &SecretRecord),
    token: Option<&str>,
    value: Option<SecretValue>,
) -> Result<CreateSecretResponse> {
    if known.deletion.is_some() {
        let text = "You can't create this secret because a secret with this name is already \
                    scheduled for deletion.";
        return Err(refusals::wrong_state(text).into());
    }
    let first = known.versions.first();
    let repeated = first.filter(|first| token == Some(&first.id));
    let (Some(version), Some(value)) = (repeated, value) else {
        return Err(refusals::already_exists(&place.name).into());
    };
    versions::repeats(ctx, (place, known), (&version.id, &value)).await?;
    Ok(CreateSecretResponse {
        arn: Some(place.arn(&known.suffix)),
        name: Some(place.name.clone()),
        version_id: Some(version.id.clone()),
        replication_status: shown_replicas((place, known)),
    })
}

/// Nobody has read a replica yet that was just made.
fn shown_replicas(secret: (&Place, &SecretRecord)) -> Option<Vec<ReplicationStatusType>> {
    let shown = describing::replicas(secret, &Accessed::default());
    Some(shown).filter(|shown| !shown.is_empty())
}

fn empty(ctx: &Ctx, suffix: String, req: &CreateSecretRequest) -> SecretRecord {
    SecretRecord {
        suffix,
        number: 0,
        description: req.description.clone().filter(|it| !it.is_empty()),
        key_id: SecretRecord::key_named(req.kms_key_id.as_deref()),
        versions: Vec::new(),
        labels: Vec::new(),
        tags: Vec::new(),
        policy: None,
        created_millis: ctx.now.millis,
        changed_millis: ctx.now.millis,
        deletion: None,
        rotation: None,
        owning_service: None,
        kind: None,
        primary_region: None,
        replicas: Vec::new(),
        parsed: Derived::default(),
    }
}

/// Six random characters, each as likely as any other.
fn suffix(ctx: &Ctx) -> Result<String> {
    let mut suffix = String::with_capacity(SUFFIX_LEN);
    while suffix.len() < SUFFIX_LEN {
        let [byte] = ctx.random_bytes::<1>()?;
        // 248 is the largest multiple of 62 in a byte.
        let at = usize::from(byte) % LETTERS.len();
        let letter = LETTERS.get(at).filter(|_| byte < 248);
        suffix.extend(letter.map(|letter| char::from(*letter)));
    }
    Ok(suffix)
}
