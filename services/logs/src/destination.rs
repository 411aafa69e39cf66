//! Destinations: where log groups, also those of other accounts, send their events, and who may
//! let them.
//!
//! ("Cross-account cross-Region log group-level subscriptions", CloudWatch Logs user guide.)

use std::borrow::Cow;
use std::sync::Arc;

use api::logs::Destination;
use platform::{Ctx, Error, Resource, ResourcePolicy, Result};
use policy::{Policy, PolicyKind, ResourceRule};
use serde::{Deserialize, Serialize};
use store::{Key, Record};

use crate::access::Tagging;

/// What the store keeps of a destination.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct DestinationRecord {
    pub(crate) name: String,
    pub(crate) account: String,
    pub(crate) region: String,
    pub(crate) target_arn: String,
    pub(crate) role_arn: String,
    /// With the unique ids of the principals that it names.
    pub(crate) access_policy: Option<String>,
    pub(crate) created_millis: i64,
    /// Keys and values, sorted by key.
    pub(crate) tags: Vec<(String, String)>,
}

impl Record for DestinationRecord {
    const TABLE: &'static str = "logs.destinations";
    const SERVICE: &'static str = "logs";
}

/// Which destination a request is about, in the call's Region.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct DestinationPlace {
    pub(crate) account: String,
    pub(crate) name: String,
}

impl DestinationPlace {
    /// The destination of this name, of the caller's account.
    pub(crate) fn named(ctx: &Ctx, name: &str) -> Self {
        Self {
            account: ctx.account().to_owned(),
            name: name.to_owned(),
        }
    }

    /// The destination of this ARN.
    pub(crate) fn of_arn(ctx: &Ctx, arn: &str) -> Option<Self> {
        let parts: Vec<_> = arn.splitn(7, ':').collect();
        let [_, _, "logs", _, account, "destination", name] = parts.as_slice() else {
            return None;
        };
        let place = Self {
            account: (*account).to_owned(),
            name: (*name).to_owned(),
        };
        (place.arn(&ctx.region) == arn && !name.is_empty()).then_some(place)
    }

    /// The destination's ARN.
    pub(crate) fn arn(&self, region: &str) -> String {
        let partition = platform::partition(region);
        let Self { account, name } = self;
        format!("arn:{partition}:logs:{region}:{account}:destination:{name}")
    }

    fn key(&self, region: &str) -> Key {
        Key::new(&*self.account, region, [&*self.name])
    }

    /// The destination, for what the service does of its own accord.
    pub(crate) async fn find(&self, ctx: &Ctx) -> Result<Option<Arc<DestinationRecord>>> {
        ctx.get(&self.key(&ctx.region)).await
    }

    /// The destination, if there is one and the caller may do this to it.
    pub(crate) async fn reach(
        &self,
        ctx: &Ctx,
        action: &'static str,
        tagging: Tagging<'_>,
    ) -> Result<Option<Arc<DestinationRecord>>> {
        let record = self.find(ctx).await?;
        let policy = record
            .as_ref()
            .and_then(|record| record.access_policy.as_deref());
        let parsed = policy.map(|policy| Policy::parse(policy, PolicyKind::Resource));
        let resource = DestinationResource {
            arn: self.arn(&ctx.region),
            account: self.account.clone(),
            record: record.clone(),
            policy: parsed
                .transpose()
                .map_err(|_| Error::internal("an access policy that was accepted"))?,
        };
        let access = ctx.authorize(action, resource);
        let access = match tagging {
            Tagging::Shows => access,
            Tagging::Gives(tags) => access.request_tags(tags),
            Tagging::Takes(keys) => access.tag_keys(keys),
        };
        access.decide().await?;
        Ok(record)
    }
}

impl DestinationRecord {
    /// The destinations of the caller's account.
    pub(crate) async fn list(ctx: &Ctx) -> Result<Vec<Arc<Self>>> {
        let all = Key::new(ctx.account(), &*ctx.region, [] as [&str; 0]);
        let rows = ctx.scan_all::<Self>(&all).await?;
        Ok(rows
            .into_iter()
            .map(|(_, destination)| destination)
            .collect())
    }

    fn place(&self) -> DestinationPlace {
        DestinationPlace {
            account: self.account.clone(),
            name: self.name.clone(),
        }
    }

    /// Whether its policy lets organizations in, not accounts alone.
    pub(crate) fn is_for_organizations(&self) -> bool {
        let policy = self.access_policy.as_deref().unwrap_or_default();
        names_organizations(policy)
    }

    /// Stages the record.
    pub(crate) async fn put(self, ctx: &Ctx) {
        ctx.put(self.place().key(&self.region), self).await;
    }

    /// Stages its deletion.
    pub(crate) async fn delete(&self, ctx: &Ctx) {
        ctx.delete::<Self>(&self.place().key(&self.region)).await;
    }

    /// The destination as answers show it.
    pub(crate) async fn shown(&self, ctx: &Ctx) -> Result<Destination> {
        let access_policy = match &self.access_policy {
            None => None,
            Some(policy) => Some(ctx.show_principals(policy).await?),
        };
        Ok(Destination {
            destination_name: Some(self.name.clone()),
            target_arn: Some(self.target_arn.clone()),
            role_arn: Some(self.role_arn.clone()),
            access_policy,
            arn: Some(self.place().arn(&self.region)),
            creation_time: Some(self.created_millis),
        })
    }
}

/// Whether a policy has conditions on organizations.
pub(crate) fn names_organizations(policy: &str) -> bool {
    policy.to_lowercase().contains("\"aws:principalorgid\"")
}

/// A destination, as policies see it.
struct DestinationResource {
    arn: String,
    account: String,
    record: Option<Arc<DestinationRecord>>,
    policy: Option<Policy>,
}

impl Resource for DestinationResource {
    fn arn(&self) -> Cow<'_, str> {
        Cow::Borrowed(&self.arn)
    }

    fn account(&self) -> &str {
        &self.account
    }

    fn policy(&self) -> Option<ResourcePolicy<'_>> {
        self.policy.as_ref().map(|policy| ResourcePolicy {
            name: "the access policy",
            policy,
            rule: ResourceRule::Standard,
        })
    }

    fn tag(&self, key: &str) -> Option<&str> {
        let wanted = key.to_lowercase();
        let mut tags = self.record.iter().flat_map(|record| &record.tags);
        let found = tags.find(|(known, _)| known.to_lowercase() == wanted);
        found.map(|(_, value)| value.as_str())
    }
}
