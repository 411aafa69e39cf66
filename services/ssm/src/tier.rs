//! Tiers: what a parameter needs, and how many there may be ("Managing parameter tiers", Systems
//! Manager user guide).

use api::ssm::ParameterTier;
use platform::{Ctx, Result};
use serde::{Deserialize, Serialize};
use store::{Key, Record};
use wire::Fault;

use crate::data_type;
use crate::names::Place;
use crate::parameter::{ParameterRecord, Tier};
use crate::quotas::{ADVANCED, QUOTAS, STANDARD};
use crate::refusals;
use crate::setting;
use crate::value::{MOST_ADVANCED, MOST_STANDARD};

/// That a parameter of this tier exists, so that those of each tier can be counted.
#[derive(Serialize, Deserialize)]
pub(crate) struct TierRecord;

impl Record for TierRecord {
    const TABLE: &'static str = "ssm.tiers";
    const SERVICE: &'static str = "ssm";
    const CACHED: bool = false;
}

impl TierRecord {
    /// Where the entry of a parameter stands.
    pub(crate) fn key(place: &Place, tier: Tier, id: &str) -> Key {
        let all = Self::all(&place.account, &place.region, tier);
        all.with(id)
    }

    fn all(account: &str, region: &str, tier: Tier) -> Key {
        Key::new(account, region, [tier.shown().as_str()])
    }
}

/// What a request wants that only advanced parameters have.
pub(crate) struct Wants<'a> {
    pub(crate) value: &'a str,
    pub(crate) data_type: &'a str,
    pub(crate) has_clauses: bool,
}

impl Wants<'_> {
    /// Refuses what a tier does not have.
    fn check(&self, tier: Tier) -> Result<(), Fault> {
        let length = self.value.len();
        match tier {
            Tier::Advanced if length > MOST_ADVANCED => Err(refusals::too_large(MOST_ADVANCED)),
            Tier::Advanced => Ok(()),
            Tier::Standard if length > MOST_STANDARD => {
                Err(refusals::too_large_for_standard(MOST_STANDARD))
            }
            Tier::Standard if self.has_clauses => {
                Err(refusals::needs_advanced("parameter policies"))
            }
            Tier::Standard if data_type::is_advanced(self.data_type) => {
                let what = format!("the {} data type", self.data_type);
                Err(refusals::needs_advanced(&what))
            }
            Tier::Standard => Ok(()),
        }
    }
}

/// The tier that a parameter gets: there is no way back from advanced.
pub(crate) async fn choose(
    ctx: &Ctx,
    known: Option<&ParameterRecord>,
    asked: Option<ParameterTier>,
    wants: &Wants<'_>,
) -> Result<Tier> {
    let before = known.map(|known| known.current.tier);
    let by_default = match asked {
        None => setting::default_tier(ctx).await?,
        Some(asked) => asked,
    };
    let tier = match (by_default, before) {
        (ParameterTier::Advanced, _) => Tier::Advanced,
        (ParameterTier::Standard, Some(Tier::Advanced)) if asked.is_some() => {
            return Err(refusals::downgrade().into());
        }
        (_, Some(Tier::Advanced)) => Tier::Advanced,
        (ParameterTier::Standard, _) => Tier::Standard,
        (ParameterTier::IntelligentTiering, _) if wants.check(Tier::Standard).is_err() => {
            Tier::Advanced
        }
        (ParameterTier::IntelligentTiering, None) if !has_room(ctx, Tier::Standard).await?.0 => {
            Tier::Advanced
        }
        (ParameterTier::IntelligentTiering, _) => Tier::Standard,
    };
    wants.check(tier)?;
    if before == Some(tier) {
        return Ok(tier);
    }
    let (has_room, most) = has_room(ctx, tier).await?;
    let name = match tier {
        Tier::Standard => "standard",
        Tier::Advanced => "advanced",
    };
    match has_room {
        true => Ok(tier),
        false => Err(refusals::too_many_parameters(name, most).into()),
    }
}

/// Whether there may be one more, and how many there may be.
async fn has_room(ctx: &Ctx, tier: Tier) -> Result<(bool, u64)> {
    let code = match tier {
        Tier::Standard => STANDARD,
        Tier::Advanced => ADVANCED,
    };
    let most = ctx.count_quota(ctx.account(), &QUOTAS, code).await?;
    let all = TierRecord::all(ctx.account(), &ctx.region, tier);
    Ok((ctx.has_room::<TierRecord>(all, most).await?, most))
}
