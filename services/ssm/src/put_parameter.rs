//! `ssm:PutParameter`: makes a parameter, or a new version of one.

use api::ssm::{PutParameterRequest, PutParameterResult};
use platform::{Ctx, Derived, Result};

use crate::access::{self, Asked};
use crate::events::{self, Change};
use crate::lifetime::{self, Clause};
use crate::names::{self, Place};
use crate::parameter::{Kind, MOST_VERSIONS, ParameterRecord, Tier, Version, VersionRecord};
use crate::secret::{Content, DEFAULT_KEY};
use crate::tier::{self, TierRecord, Wants};
use crate::{data_type, refusals, schedule, tags, value};

pub(crate) async fn put_parameter(
    ctx: &Ctx,
    mut req: PutParameterRequest,
) -> Result<PutParameterResult> {
    let place = Place::own(ctx, req.name.trim());
    names::check_new(&place)?;
    let new_tags = tags::pairs(std::mem::take(&mut req.tags));
    let asked = Asked {
        tags: &new_tags,
        overwrite: Some(req.overwrite),
        policies: Some(req.policies.is_some()),
        ..Asked::default()
    };
    let mut known = access::parameter(ctx, "ssm:PutParameter", &place, asked).await?;
    if !new_tags.is_empty() {
        access::parameter(ctx, "ssm:AddTagsToResource", &place, asked).await?;
    }
    if req.overwrite && !new_tags.is_empty() {
        return Err(refusals::tags_with_overwrite().into());
    }
    value::check(&req.value)?;
    if known
        .as_ref()
        .is_some_and(|it| it.has_expired(ctx.now.millis))
    {
        // The parameter that this one follows: the call sees that it is gone when it is tried again.
        schedule::carry_out_of(ctx.upkeep(), &place, ctx.now).await?;
        known = None;
    }
    if known.is_some() && !req.overwrite {
        return Err(refusals::already_exists().into());
    }
    let draft = Draft::new(ctx, &place, known.as_deref(), &req).await?;
    let (number, tier) = (draft.version.number, draft.version.tier);
    match known {
        Some(known) => draft.replace(ctx, &place, &known).await?,
        None => draft.create(ctx, &place, new_tags).await?,
    }
    Ok(PutParameterResult {
        version: Some(number),
        tier: Some(tier.shown()),
    })
}

/// A version that is to be written.
struct Draft {
    version: Version,
    clauses: Vec<Clause>,
}

impl Draft {
    async fn new(
        ctx: &Ctx,
        place: &Place,
        known: Option<&ParameterRecord>,
        req: &PutParameterRequest,
    ) -> Result<Self> {
        let before = known.map(|known| &known.current);
        let kind = req.r#type.map(Kind::asked);
        let kind = kind.or(before.map(|before| before.kind));
        let kind = kind.ok_or_else(refusals::no_type)?;
        let asked = req.data_type.as_deref().filter(|it| !it.is_empty());
        let of_before = before.map(|before| before.data_type.as_str());
        let data_type = asked.or(of_before).unwrap_or(data_type::TEXT);
        if let Some(old) = of_before {
            data_type::check_change(old, data_type)?;
        }
        data_type::check(data_type, kind, &req.value)?;
        let pattern = kept(&req.allowed_pattern, before.map(|it| &it.allowed_pattern));
        if let Some(pattern) = &pattern {
            value::check_pattern(&req.value, pattern)?;
        }
        let clauses = match &req.policies {
            Some(given) => lifetime::parse(given, ctx.now)?,
            None => lifetime::renewed(known.map_or(&[], |known| &known.clauses)),
        };
        let wants = Wants {
            value: &req.value,
            data_type,
            has_clauses: !clauses.is_empty(),
        };
        let tier = tier::choose(ctx, known, req.tier, &wants).await?;
        let key_id = key_id(kind, req.key_id.as_deref())?;
        let content = content(ctx, place, (tier, key_id), &req.value).await?;
        let version = Version {
            number: before.map_or(1, |before| before.number.saturating_add(1)),
            kind,
            tier,
            content,
            key_id: key_id.map(str::to_owned),
            data_type: data_type.to_owned(),
            description: kept(&req.description, before.map(|it| &it.description)),
            allowed_pattern: pattern,
            modified_millis: ctx.now.millis,
            modified_by: ctx.caller.arn.clone(),
        };
        Ok(Self { version, clauses })
    }

    async fn create(self, ctx: &Ctx, place: &Place, new_tags: Vec<(String, String)>) -> Result<()> {
        let mut record = ParameterRecord {
            name: place.name.clone(),
            id: ctx.new_uuid()?,
            oldest: self.version.number,
            current: self.version,
            labels: Vec::new(),
            tags: Vec::new(),
            clauses: self.clauses,
            sharing: None,
            parsed: Derived::default(),
        };
        tags::merge(&mut record.tags, new_tags)?;
        let tier = TierRecord::key(place, record.current.tier, &record.id);
        ctx.put(tier, TierRecord).await;
        finish(ctx, place, record, Change::Create).await
    }

    async fn replace(self, ctx: &Ctx, place: &Place, known: &ParameterRecord) -> Result<()> {
        let mut record = known.clone();
        let former = std::mem::replace(&mut record.current, self.version);
        record.clauses = self.clauses;
        if record.current.number - record.oldest >= MOST_VERSIONS {
            let oldest = record.oldest;
            if !record.labels_of(oldest).is_empty() {
                return Err(refusals::oldest_has_label(&record.name, oldest).into());
            }
            let key = record.version_key(place, oldest);
            ctx.delete::<VersionRecord>(&key).await;
            record.oldest = oldest + 1;
        }
        if former.tier != record.current.tier {
            let old = TierRecord::key(place, former.tier, &record.id);
            ctx.delete::<TierRecord>(&old).await;
            let new = TierRecord::key(place, record.current.tier, &record.id);
            ctx.put(new, TierRecord).await;
        }
        let key = record.version_key(place, former.number);
        ctx.put(key, VersionRecord(former)).await;
        finish(ctx, place, record, Change::Update).await
    }
}

/// Stages the record, with what follows from it.
async fn finish(ctx: &Ctx, place: &Place, record: ParameterRecord, change: Change) -> Result<()> {
    ctx.emit(events::changed(&record, &place.arn(), change, ctx.now))
        .await?;
    schedule::set(ctx, place, &record).await;
    ctx.put(place.key(), record).await;
    Ok(())
}

/// What a new version has of something that a request may leave as it was, and takes away by giving
/// nothing.
fn kept(asked: &Option<String>, before: Option<&Option<String>>) -> Option<String> {
    let found = asked.as_ref().or(before.and_then(Option::as_ref));
    found.filter(|it| !it.is_empty()).cloned()
}

/// The KMS key of a parameter; none where nothing is encrypted.
fn key_id(kind: Kind, asked: Option<&str>) -> Result<Option<&str>> {
    match (kind, asked) {
        (Kind::SecureString, asked) => Ok(Some(asked.unwrap_or(DEFAULT_KEY))),
        (_, None) => Ok(None),
        (_, Some(_)) => Err(refusals::key_without_secret().into()),
    }
}

async fn content(
    ctx: &Ctx,
    place: &Place,
    (tier, key_id): (Tier, Option<&str>),
    value: &str,
) -> Result<Content> {
    match key_id {
        None => Ok(Content::Plain(value.to_owned())),
        Some(key_id) => Content::encrypt(ctx, &place.arn(), (tier, key_id), value).await,
    }
}
