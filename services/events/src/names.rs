//! Names and ARNs of buses and rules.

use platform::{Ctx, Result, partition};
use store::Key;

use crate::refusals;

/// The bus that every account has in every Region.
pub(crate) const DEFAULT: &str = "default";

/// Where a bus is.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct BusPlace {
    /// The account.
    pub(crate) account: String,
    /// The Region.
    pub(crate) region: String,
    /// The name.
    pub(crate) name: String,
}

impl BusPlace {
    /// The bus that a request names, by name or by ARN; the default one if it names none.
    ///
    /// Buses are reached in their own Region only.
    pub(crate) fn asked(ctx: &Ctx, asked: Option<&str>) -> Result<Self> {
        let asked = asked.unwrap_or(DEFAULT);
        match Self::of_arn(asked) {
            Some(place) if place.region == ctx.region => Ok(place),
            Some(_) => Err(refusals::unsupported("event buses in another Region").into()),
            None => Ok(Self::own(ctx, asked)),
        }
    }

    /// The same, for lists, whose action knows no resource: of the caller's account alone.
    pub(crate) fn asked_own(ctx: &Ctx, asked: Option<&str>) -> Result<Self> {
        let place = Self::asked(ctx, asked)?;
        match place.account == ctx.account() {
            true => Ok(place),
            false => Err(refusals::no_bus(&place.name).into()),
        }
    }

    /// The caller's bus of this name.
    pub(crate) fn own(ctx: &Ctx, name: &str) -> Self {
        Self {
            account: ctx.account().to_owned(),
            region: ctx.region.clone(),
            name: name.to_owned(),
        }
    }

    /// The bus of this ARN.
    pub(crate) fn of_arn(arn: &str) -> Option<Self> {
        let mut parts = arn.splitn(6, ':');
        let head = [parts.next()?, parts.next()?, parts.next()?];
        let (region, account, resource) = (parts.next()?, parts.next()?, parts.next()?);
        let name = resource.strip_prefix("event-bus/")?;
        let is_bus = head[0] == "arn"
            && head[2] == "events"
            && head[1] == partition(region)
            && account.len() == 12
            && account.bytes().all(|digit| digit.is_ascii_digit());
        is_bus.then(|| Self {
            account: account.to_owned(),
            region: region.to_owned(),
            name: name.to_owned(),
        })
    }

    /// The bus's ARN.
    pub(crate) fn arn(&self) -> String {
        self.arn_of(&format!("event-bus/{}", self.name))
    }

    /// The ARN of the bus's rule of this name.
    pub(crate) fn rule_arn(&self, rule: &str) -> String {
        match self.is_default() {
            true => self.arn_of(&format!("rule/{rule}")),
            false => self.arn_of(&format!("rule/{}/{rule}", self.name)),
        }
    }

    /// Whether it is the account's own, which is always there.
    pub(crate) fn is_default(&self) -> bool {
        self.name == DEFAULT
    }

    /// Where its records are.
    pub(crate) fn key(&self) -> Key {
        Key::new(&self.account, &self.region, [self.name.as_str()])
    }

    fn arn_of(&self, resource: &str) -> String {
        let Self {
            account, region, ..
        } = self;
        format!(
            "arn:{}:events:{region}:{account}:{resource}",
            partition(region)
        )
    }
}
