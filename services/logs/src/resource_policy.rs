//! Resource policies, which let services of AWS write to log groups: of an account, and of a group.

use std::sync::Arc;

use api::logs::{PolicyScope, ResourcePolicy};
use platform::{Ctx, Error, Result};
use policy::{Policy, PolicyKind};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use store::{Key, Record};

use crate::access::{Group, Target};
use crate::group;

/// What the store keeps of a resource policy.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct ResourcePolicyRecord {
    pub(crate) name: String,
    pub(crate) document: String,
    pub(crate) updated_millis: i64,
    /// The ARN of the group, and the revision of its policy; none for a policy of the account.
    pub(crate) group: Option<Revision>,
}

/// A revision of the policy of a group.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Revision {
    pub(crate) group_arn: String,
    pub(crate) id: String,
}

impl Record for ResourcePolicyRecord {
    const TABLE: &'static str = "logs.resource-policies";
    const SERVICE: &'static str = "logs";
}

/// The policy of the account with this name, or the only one of a group.
#[derive(Clone, Copy)]
pub(crate) enum Place<'a> {
    Account(&'a str),
    Group(&'a str),
}

impl ResourcePolicyRecord {
    fn key(account: &str, region: &str, place: Place<'_>) -> Key {
        let parts = match place {
            Place::Account(name) => ["account", name],
            Place::Group(arn) => ["group", arn],
        };
        Key::new(account, region, parts)
    }

    /// The policy of the caller's account that stands there.
    pub(crate) async fn find(ctx: &Ctx, place: Place<'_>) -> Result<Option<Arc<Self>>> {
        ctx.get(&Self::key(ctx.account(), &ctx.region, place)).await
    }

    /// The policies of the caller's account, or those of its groups.
    pub(crate) async fn list(ctx: &Ctx, scope: PolicyScope) -> Result<Vec<Arc<Self>>> {
        list(ctx, ctx.account(), scope).await
    }

    /// Stages the record.
    pub(crate) async fn put(self, ctx: &Ctx) {
        let place = match &self.group {
            None => Place::Account(&self.name),
            Some(revision) => Place::Group(&revision.group_arn),
        };
        let key = Self::key(ctx.account(), &ctx.region, place);
        ctx.put(key, self).await;
    }

    /// Stages its deletion.
    pub(crate) async fn delete(ctx: &Ctx, place: Place<'_>) {
        let key = Self::key(ctx.account(), &ctx.region, place);
        ctx.delete::<Self>(&key).await;
    }

    /// The policy as answers show it.
    pub(crate) fn shown(&self) -> ResourcePolicy {
        let scope = match self.group {
            None => PolicyScope::Account,
            Some(_) => PolicyScope::Resource,
        };
        let revision = self.group.as_ref();
        ResourcePolicy {
            policy_name: Some(self.name.clone()),
            policy_document: Some(self.document.clone()),
            last_updated_time: Some(self.updated_millis),
            policy_scope: Some(scope),
            resource_arn: revision.map(|revision| revision.group_arn.clone()),
            revision_id: revision.map(|revision| revision.id.clone()),
        }
    }
}

async fn list(
    ctx: &Ctx,
    account: &str,
    scope: PolicyScope,
) -> Result<Vec<Arc<ResourcePolicyRecord>>> {
    let part = match scope {
        PolicyScope::Account => "account",
        PolicyScope::Resource => "group",
    };
    let all = Key::new(account, &*ctx.region, [part]);
    let rows = ctx.scan_all::<ResourcePolicyRecord>(&all).await?;
    Ok(rows.into_iter().map(|(_, policy)| policy).collect())
}

/// Stages the deletion of the policy of a group.
pub(crate) async fn delete_of_group(ctx: &Ctx, group: &Group) -> Result<()> {
    let key = ResourcePolicyRecord::key(&group.account, &group.region, Place::Group(&group.arn));
    if ctx.get::<ResourcePolicyRecord>(&key).await?.is_some() {
        ctx.delete::<ResourcePolicyRecord>(&key).await;
    }
    Ok(())
}

/// What binds services that write to the group: the statements of all policies of its account and
/// of its own, as one policy. None where there are none.
pub(crate) async fn in_force(ctx: &Ctx, target: &Target) -> Result<Option<Policy>> {
    let mut policies = list(ctx, &target.account, PolicyScope::Account).await?;
    let arn = group::arn(&ctx.region, &target.account, &target.name);
    let own = ResourcePolicyRecord::key(&target.account, &ctx.region, Place::Group(&arn));
    policies.extend(ctx.get::<ResourcePolicyRecord>(&own).await?);
    if policies.is_empty() {
        return Ok(None);
    }
    let mut statements = Vec::new();
    for policy in policies {
        let document: Value = serde_json::from_str(&policy.document).map_err(Error::internal)?;
        match document.get("Statement") {
            Some(Value::Array(several)) => statements.extend(several.iter().cloned()),
            Some(one) => statements.push(one.clone()),
            None => {}
        }
    }
    // Ids are unique within a document, not among documents.
    for statement in &mut statements {
        if let Value::Object(members) = statement {
            members.remove("Sid");
        }
    }
    let merged = json!({ "Version": "2012-10-17", "Statement": statements });
    let parsed = Policy::parse(&merged.to_string(), PolicyKind::Resource);
    let parsed = parsed.map_err(|_| Error::internal("a resource policy that was accepted"))?;
    Ok(Some(parsed))
}
