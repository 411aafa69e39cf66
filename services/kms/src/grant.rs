//! Grants: their records, and the ways of finding them.
//!
//! A grant stands under its key and its grantee, so that a decision reads the caller's grants
//! alone. Other records lead to it from its id, its retiring principal, and the request that made
//! it. A grant never changes: it is made and removed.

use std::fmt::Write as _;
use std::sync::Arc;

use api::kms::{InvalidGrantIdException, LimitExceededException};
use platform::{Ctx, Result, Upkeep};
use serde::{Deserialize, Serialize};
use store::{Key as RecordKey, Record};
use wire::Fault;

use crate::grant_constraints::Terms;
use crate::grant_principal::GrantPrincipal;
use crate::key::KeyRecord;
use crate::quotas::{GRANTS_PER_KEY, QUOTAS};

/// What the store keeps of a grant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct GrantRecord {
    /// Of the key.
    pub(crate) account: String,
    pub(crate) region: String,
    pub(crate) key_id: String,
    /// 64 hexadecimal digits.
    pub(crate) id: String,
    pub(crate) name: Option<String>,
    pub(crate) created_millis: i64,
    pub(crate) grantee: GrantPrincipal,
    pub(crate) retiring: Option<Retiring>,
    /// The account that made the grant.
    pub(crate) issuer: String,
    pub(crate) terms: Terms,
}

/// Who may retire a grant, whatever policies allow.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Retiring {
    pub(crate) principal: GrantPrincipal,
    /// The account of an identity; empty for a service.
    pub(crate) account: String,
}

impl Record for GrantRecord {
    const TABLE: &'static str = "kms.grants";
    const SERVICE: &'static str = "kms";
}

/// From the id of a grant to its grantee.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct GrantId {
    grantee: String,
}

impl Record for GrantId {
    const TABLE: &'static str = "kms.grant_ids";
    const SERVICE: &'static str = "kms";
}

/// A grant in the list of whom it names as retiring principal, in that principal's account.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct RetirableGrant {
    account: String,
    key_id: String,
    id: String,
}

impl Record for RetirableGrant {
    const TABLE: &'static str = "kms.retirable_grants";
    const SERVICE: &'static str = "kms";
}

/// From a request with a name to the grant that it made.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct GrantRequest {
    id: String,
}

impl Record for GrantRequest {
    const TABLE: &'static str = "kms.grant_requests";
    const SERVICE: &'static str = "kms";
}

/// How many grants a key has.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct GrantCount {
    count: u32,
}

impl Record for GrantCount {
    const TABLE: &'static str = "kms.grant_counts";
    const SERVICE: &'static str = "kms";
}

/// Whose grants: those of a key.
#[derive(Clone, Copy)]
pub(crate) struct OfKey<'a> {
    pub(crate) account: &'a str,
    pub(crate) region: &'a str,
    pub(crate) key_id: &'a str,
}

impl<'a> OfKey<'a> {
    /// Those of the key of this record.
    pub(crate) fn new(key: &'a KeyRecord) -> Self {
        Self {
            account: &key.account,
            region: &key.region,
            key_id: &key.id,
        }
    }

    /// Where the grants of the key stand.
    pub(crate) fn all(&self) -> RecordKey {
        RecordKey::new(self.account, self.region, [self.key_id])
    }

    /// Where the grants to one principal stand.
    pub(crate) fn to(&self, grantee: &str) -> RecordKey {
        RecordKey::new(self.account, self.region, [self.key_id, grantee])
    }

    /// How many grants the key has.
    pub(crate) async fn count(&self, ctx: &Ctx) -> Result<u32> {
        let found = ctx.get::<GrantCount>(&self.all()).await?;
        Ok(found.map_or(0, |found| found.count))
    }

    /// The grant with this id.
    pub(crate) async fn find(&self, ctx: &Ctx, id: &str) -> Result<Option<Arc<GrantRecord>>> {
        let place = RecordKey::new(self.account, self.region, [self.key_id, id]);
        let Some(found) = ctx.get::<GrantId>(&place).await? else {
            return Ok(None);
        };
        let segments = [self.key_id, &found.grantee, id];
        ctx.get(&RecordKey::new(self.account, self.region, segments))
            .await
    }
}

impl GrantRecord {
    /// The key of the grant.
    pub(crate) fn of_key(&self) -> OfKey<'_> {
        OfKey {
            account: &self.account,
            region: &self.region,
            key_id: &self.key_id,
        }
    }

    fn place(&self) -> RecordKey {
        let segments = [self.key_id.as_str(), self.grantee.kept(), self.id.as_str()];
        RecordKey::new(&*self.account, &*self.region, segments)
    }

    fn id_place(&self) -> RecordKey {
        RecordKey::new(&*self.account, &*self.region, [&self.key_id, &self.id])
    }

    fn retirable_place(&self) -> Option<RecordKey> {
        let Retiring { principal, account } = self.retiring.as_ref()?;
        let [owner, key_id, id] = [&self.account, &self.key_id, &self.id].map(String::as_str);
        let segments = [principal.kept(), owner, key_id, id];
        Some(RecordKey::new(&**account, &*self.region, segments))
    }

    /// Where the request stands that made the grant: under everything that it said.
    fn request_place(&self) -> Option<RecordKey> {
        let name = self.name.as_ref()?;
        let mut said = String::new();
        let principals = [
            Some(&self.grantee),
            self.retiring.as_ref().map(|it| &it.principal),
        ];
        let principals = principals.map(|one| one.map_or("", GrantPrincipal::kept));
        let parts = [name.as_str(), &self.issuer].into_iter().chain(principals);
        // With its length, a part cannot be taken for two, nor two for one.
        for part in parts.map(str::to_owned).chain(self.terms.parts()) {
            let _ = write!(said, "{}:{part}", part.len());
        }
        let segments = [self.key_id.as_str(), &said];
        Some(RecordKey::new(&*self.account, &*self.region, segments))
    }

    /// The id of the grant that the same request, name included, has made before.
    pub(crate) async fn made_before(&self, ctx: &Ctx) -> Result<Option<String>> {
        let Some(place) = self.request_place() else {
            return Ok(None);
        };
        let found = ctx.get::<GrantRequest>(&place).await?;
        Ok(found.map(|found| found.id.clone()))
    }

    /// Refuses one grant more than a key may have.
    pub(crate) async fn check_quota(&self, ctx: &Ctx) -> Result<()> {
        let quota = ctx.count_quota(&self.account, &QUOTAS, GRANTS_PER_KEY);
        let quota = quota.await?;
        if u64::from(self.of_key().count(ctx).await?) >= quota {
            let text = format!("The key has the maximum number of {quota} grants.");
            return Err(LimitExceededException::new(text).into());
        }
        Ok(())
    }

    /// Stages the grant.
    pub(crate) async fn add(self, ctx: &Ctx) -> Result<()> {
        let count = self.of_key().count(ctx).await? + 1;
        ctx.put(self.of_key().all(), GrantCount { count }).await;
        let (id, grantee) = (self.id.clone(), self.grantee.kept().to_owned());
        ctx.put(self.id_place(), GrantId { grantee }).await;
        if let Some(place) = self.request_place() {
            ctx.put(place, GrantRequest { id: id.clone() }).await;
        }
        if let Some(place) = self.retirable_place() {
            let (account, key_id) = (self.account.clone(), self.key_id.clone());
            let entry = RetirableGrant {
                account,
                key_id,
                id,
            };
            ctx.put(place, entry).await;
        }
        ctx.put(self.place(), self).await;
        Ok(())
    }

    /// Stages the end of the grant.
    pub(crate) async fn remove(&self, ctx: &Ctx) -> Result<()> {
        let count = self.of_key().count(ctx).await?.saturating_sub(1);
        ctx.put(self.of_key().all(), GrantCount { count }).await;
        ctx.delete::<GrantId>(&self.id_place()).await;
        if let Some(place) = self.request_place() {
            ctx.delete::<GrantRequest>(&place).await;
        }
        if let Some(place) = self.retirable_place() {
            ctx.delete::<RetirableGrant>(&place).await;
        }
        ctx.delete::<Self>(&self.place()).await;
        Ok(())
    }
}

impl RetirableGrant {
    /// Where the grants stand that a principal may retire.
    pub(crate) fn all(account: &str, region: &str, retiring: &str) -> RecordKey {
        RecordKey::new(account, region, [retiring])
    }

    /// The grant, as long as its key exists.
    pub(crate) async fn grant(&self, ctx: &Ctx) -> Result<Option<Arc<GrantRecord>>> {
        let of_key = OfKey {
            account: &self.account,
            region: &ctx.region,
            key_id: &self.key_id,
        };
        let key = crate::key::Key::get(ctx, &self.account, &ctx.region, &self.key_id).await?;
        match key {
            Some(_) => of_key.find(ctx, &self.id).await,
            None => Ok(None),
        }
    }
}

/// Refuses what cannot be the id of a grant.
pub(crate) fn check_id(id: &str) -> Result<(), Fault> {
    if id.len() == 64 && id.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Ok(());
    }
    Err(InvalidGrantIdException::bare())
}

/// Deletes the grants of a key that is gone, some at a time: a key may have many. Nothing can come
/// between, since grants are made and used only on keys that exist; false if something did.
pub(crate) async fn delete_all(upkeep: &Upkeep, of_key: OfKey<'_>) -> Result<bool> {
    loop {
        let mut txn = upkeep.begin();
        let page = txn.scan::<GrantRecord>(&of_key.all(), None, 500).await?;
        for (place, grant) in &page.rows {
            txn.delete::<GrantRecord>(place);
            txn.delete::<GrantId>(&grant.id_place());
            if let Some(place) = grant.request_place() {
                txn.delete::<GrantRequest>(&place);
            }
            if let Some(place) = grant.retirable_place() {
                txn.delete::<RetirableGrant>(&place);
            }
        }
        txn.delete::<GrantCount>(&of_key.all());
        if !upkeep.commit_part(txn).await? {
            return Ok(false);
        }
        if page.next.is_none() {
            return Ok(true);
        }
    }
}

/// Records for samples of formats.
#[cfg(test)]
pub(crate) fn samples() -> (GrantId, RetirableGrant, GrantRequest, GrantCount) {
    let text = str::to_owned;
    let retirable = RetirableGrant {
        account: text("111122223333"),
        key_id: text("k"),
        id: text("i"),
    };
    let (grantee, id, count) = (text("g"), text("i"), 50_000);
    (
        GrantId { grantee },
        retirable,
        GrantRequest { id },
        GrantCount { count },
    )
}

#[cfg(test)]
#[path = "grant_tests.rs"]
mod tests;
