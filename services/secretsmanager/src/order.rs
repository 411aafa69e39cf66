//! The secrets of an account and Region in the order of their creation, so that a page of them is
//! read at the same cost however many there are. What stands in the store has no order of its own.

use api::secretsmanager::LimitExceededException;
use platform::{Ctx, Result};
use serde::{Deserialize, Serialize};
use store::{Key, Record, Txn};

use crate::names::Place;
use crate::quotas::{QUOTAS, SECRETS};

/// How many numbers share a leaf.
const LEAF: u64 = 64;

/// How many secrets there are, and how many there have been.
#[derive(Clone, Default, Serialize, Deserialize)]
pub(crate) struct CountRecord {
    /// The number of the next secret.
    pub(crate) next: u64,
    pub(crate) present: u64,
}

/// Secrets whose numbers follow each other.
#[derive(Clone, Default, Serialize, Deserialize)]
pub(crate) struct LeafRecord {
    /// Numbers and names, in order.
    pub(crate) entries: Vec<(u64, String)>,
}

impl Record for CountRecord {
    const TABLE: &'static str = "secretsmanager.counts";
    const SERVICE: &'static str = "secretsmanager";
}

impl Record for LeafRecord {
    const TABLE: &'static str = "secretsmanager.order";
    const SERVICE: &'static str = "secretsmanager";
}

/// The number of a new secret.
pub(crate) async fn enter(ctx: &Ctx, place: &Place) -> Result<u64> {
    let key = count_key(&place.account, &place.region);
    ctx.line_up::<CountRecord>(&key).await;
    let known = ctx.get::<CountRecord>(&key).await?;
    let mut count = known.map_or_else(CountRecord::default, |known| CountRecord::clone(&known));
    let here = (place.account.as_str(), place.region.as_str());
    let most = ctx.count_quota_in(here, &QUOTAS, SECRETS).await?;
    if count.present >= most {
        let text = format!("You can't create more than {most} secrets in this Region.");
        return Err(LimitExceededException::new(text).into());
    }
    let number = count.next;
    count.next += 1;
    count.present += 1;
    ctx.put(key, count).await;
    let key = leaf_key(&place.account, &place.region, number / LEAF);
    let known = ctx.get::<LeafRecord>(&key).await?;
    let mut leaf = known.map_or_else(LeafRecord::default, |known| LeafRecord::clone(&known));
    leaf.entries.push((number, place.name.clone()));
    ctx.put(key, leaf).await;
    Ok(number)
}

/// Takes a secret out of the order.
pub(crate) async fn leave(ctx: &Ctx, place: &Place, number: u64) -> Result<()> {
    let keys = Keys::of(place, number);
    ctx.line_up::<CountRecord>(&keys.count).await;
    let count = ctx.get::<CountRecord>(&keys.count).await?;
    let leaf = ctx.get::<LeafRecord>(&keys.leaf).await?;
    if let Some(count) = count {
        ctx.put(keys.count, count.without_one()).await;
    }
    match leaf.map(|leaf| leaf.without(number)) {
        Some(leaf) if leaf.entries.is_empty() => ctx.delete::<LeafRecord>(&keys.leaf).await,
        Some(leaf) => ctx.put(keys.leaf, leaf).await,
        None => {}
    }
    Ok(())
}

/// The same, where no call asks for it.
pub(crate) async fn leave_in(txn: &mut Txn, place: &Place, number: u64) -> Result<()> {
    let keys = Keys::of(place, number);
    let count = txn.get::<CountRecord>(&keys.count).await?;
    let leaf = txn.get::<LeafRecord>(&keys.leaf).await?;
    if let Some(count) = count {
        txn.put(keys.count, count.without_one());
    }
    match leaf.map(|leaf| leaf.without(number)) {
        Some(leaf) if leaf.entries.is_empty() => txn.delete::<LeafRecord>(&keys.leaf),
        Some(leaf) => txn.put(keys.leaf, leaf),
        None => {}
    }
    Ok(())
}

/// The records that know of a secret.
struct Keys {
    count: Key,
    leaf: Key,
}

impl Keys {
    fn of(place: &Place, number: u64) -> Self {
        Self {
            count: count_key(&place.account, &place.region),
            leaf: leaf_key(&place.account, &place.region, number / LEAF),
        }
    }
}

impl CountRecord {
    fn without_one(&self) -> Self {
        Self {
            next: self.next,
            present: self.present.saturating_sub(1),
        }
    }
}

impl LeafRecord {
    fn without(&self, number: u64) -> Self {
        let kept = self.entries.iter().filter(|(known, _)| *known != number);
        Self {
            entries: kept.cloned().collect(),
        }
    }
}

/// A way through the secrets of an account and Region, one leaf after the other.
pub(crate) struct Walk {
    account: String,
    region: String,
    /// The number of the next entry, and none behind the last one.
    at: Option<u64>,
    end: u64,
    backward: bool,
}

impl Walk {
    /// A way that begins at a number, or at the first or last secret.
    pub(crate) async fn begin(ctx: &Ctx, backward: bool, from: Option<u64>) -> Result<Self> {
        let (account, region) = (ctx.account().to_owned(), ctx.region.clone());
        let count = ctx
            .get::<CountRecord>(&count_key(&account, &region))
            .await?;
        let end = count.map_or(0, |count| count.next);
        let at = match (from, backward) {
            (Some(from), _) => Some(from),
            (None, true) => end.checked_sub(1),
            (None, false) => Some(0),
        };
        Ok(Self {
            account,
            region,
            at: at.filter(|at| *at < end),
            end,
            backward,
        })
    }

    /// The next leaf's numbers and names from here on, in the direction of the walk; none at the
    /// end.
    pub(crate) async fn next(&mut self, ctx: &Ctx) -> Result<Option<Vec<(u64, String)>>> {
        let Some(at) = self.at else {
            return Ok(None);
        };
        let leaf = at / LEAF;
        let key = leaf_key(&self.account, &self.region, leaf);
        let known = ctx.get::<LeafRecord>(&key).await?;
        let entries = known.as_ref().map_or(&[][..], |known| &known.entries);
        let backward = self.backward;
        let ahead = entries.iter().filter(|(number, _)| match backward {
            true => *number <= at,
            false => *number >= at,
        });
        let mut ahead: Vec<(u64, String)> = ahead.cloned().collect();
        if backward {
            ahead.reverse();
        }
        self.at = match backward {
            true => (leaf * LEAF).checked_sub(1),
            false => Some((leaf + 1) * LEAF).filter(|next| *next < self.end),
        };
        Ok(Some(ahead))
    }

    /// Where the next leaf begins.
    pub(crate) fn at(&self) -> Option<u64> {
        self.at
    }
}

fn count_key(account: &str, region: &str) -> Key {
    Key::new(account, region, ["count"])
}

fn leaf_key(account: &str, region: &str, leaf: u64) -> Key {
    Key::new(account, region, [leaf.to_string()])
}
