//! Tags of quotas.

use api::servicequotas::Tag;
use platform::{Ctx, Result};
use serde::{Deserialize, Serialize};
use store::{Key, Record};

use crate::lookup::Found;
use crate::refusals;

/// The most tags of a quota ("Tagging resources in Service Quotas").
const QUOTA: usize = 50;

/// What the store keeps of a quota's tags.
#[derive(Clone, Default, Serialize, Deserialize)]
pub(crate) struct TagRecord {
    /// Keys and values, sorted by key.
    pub(crate) tags: Vec<(String, String)>,
}

impl Record for TagRecord {
    const TABLE: &'static str = "servicequotas.tags";
    const SERVICE: &'static str = "servicequotas";
}

impl TagRecord {
    /// Where the record of a quota of the caller's account stands.
    pub(crate) fn place(ctx: &Ctx, service_code: &str, code: &str) -> Key {
        Key::new(ctx.account(), &ctx.region, [service_code, code])
    }

    /// The tags of a quota.
    pub(crate) async fn of(ctx: &Ctx, found: Found) -> Result<Self> {
        let place = Self::place(ctx, found.table.service_code, found.quota.code);
        let known = ctx.get::<Self>(&place).await?;
        Ok(known.as_deref().cloned().unwrap_or_default())
    }

    /// Stages the record.
    pub(crate) async fn put(self, ctx: &Ctx, found: Found) {
        let place = Self::place(ctx, found.table.service_code, found.quota.code);
        if self.tags.is_empty() {
            ctx.delete::<Self>(&place).await;
        } else {
            ctx.put(place, self).await;
        }
    }

    /// Sets `new` tags beside and over those that there are.
    pub(crate) fn merge(&mut self, new: Vec<(String, String)>) -> Result<()> {
        for (key, value) in new {
            match self.tags.binary_search_by(|(known, _)| known.cmp(&key)) {
                Ok(position) => {
                    if let Some((_, known)) = self.tags.get_mut(position) {
                        *known = value;
                    }
                }
                Err(position) => self.tags.insert(position, (key, value)),
            }
        }
        if self.tags.len() > QUOTA {
            return Err(refusals::too_many_tags(QUOTA).into());
        }
        Ok(())
    }
}

/// The tags of a request as pairs.
pub(crate) fn pairs(tags: Vec<Tag>) -> Vec<(String, String)> {
    tags.into_iter().map(|tag| (tag.key, tag.value)).collect()
}

/// Refuses reserved keys, and keys that occur twice.
pub(crate) fn check(tags: &[(String, String)]) -> Result<()> {
    for (index, (key, _)) in tags.iter().enumerate() {
        let begins = key.get(..4);
        if begins.is_some_and(|begins| begins.eq_ignore_ascii_case("aws:")) {
            return Err(refusals::reserved_tag().into());
        }
        if tags.iter().take(index).any(|(known, _)| known == key) {
            return Err(refusals::duplicate_tag().into());
        }
    }
    Ok(())
}
