//! Quotas: how often an account may call what in a region, and how much it may have.
//!
//! A service declares its quotas as a table ([`QuotaTable`]); Service Quotas shows them all and
//! changes their values, account by account and region by region. A request rate is taken from
//! before any work is done, in memory, without waiting and without a write; how full a bucket is
//! does not outlive the program. A value that was changed is a record ([`AppliedQuotas`]): it is
//! read when an account first calls in a region, and again once a commit has changed it.

mod applied;
mod bucket;
mod draws;
mod table;
mod values;

use std::collections::BTreeMap;
use std::ptr;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{PoisonError, RwLock};

use store::Store;
use wire::{Common, Fault, Timestamp};

use crate::fault::{Error, Result};

pub use applied::AppliedQuotas;
pub(crate) use draws::Draws;
pub use table::{Draw, Elsewhere, Quota, QuotaKind, QuotaTable, Regional};

use bucket::Bucket;

/// So many places with buckets are kept before full buckets, which say nothing, are dropped.
const MANY_PLACES: usize = 4096;

/// The quotas of all services and how much of the request rates is taken. Every call writes the
/// lock's word: nothing else is on its line.
#[derive(Default)]
#[repr(align(128))]
pub(crate) struct Quotas {
    tables: Vec<&'static QuotaTable>,
    limits_rates: AtomicBool,
    /// Changes with every change of values, so that none is overlooked between reading values and
    /// keeping them.
    generation: AtomicU64,
    places: RwLock<Places>,
}

/// Account, region, and one place a service.
type Places = BTreeMap<String, BTreeMap<String, Vec<Place>>>;

/// The buckets of a service's quotas in one account and region.
struct Place {
    table: &'static QuotaTable,
    /// Calls a second, in the order of the table; none where they have to be read again.
    rates: Option<Vec<f64>>,
    buckets: Vec<Bucket>,
}

/// Who calls what, where.
#[derive(Clone, Copy)]
pub(crate) struct Taker<'a> {
    pub(crate) table: &'static QuotaTable,
    pub(crate) account: &'a str,
    pub(crate) region: &'a str,
    pub(crate) now: Timestamp,
    /// The service's own error of a call over a request rate, where it has one.
    pub(crate) refusal: Option<fn() -> Fault>,
}

impl Quotas {
    /// The quotas of these tables, whose rates do not limit anything yet.
    pub(crate) fn new(tables: Vec<&'static QuotaTable>) -> Self {
        Self {
            tables,
            ..Self::default()
        }
    }

    /// The tables of all services.
    pub(crate) fn tables(&self) -> &[&'static QuotaTable] {
        &self.tables
    }

    /// Limits request rates from now on.
    pub(crate) fn limit_rates(&self) {
        self.limits_rates.store(true, Ordering::Relaxed);
    }

    /// Takes one call from each of the quotas at the positions `drawn`, or refuses the call: with
    /// `ThrottlingException`, unless the service has an error of its own. A refused call leaves what it was refused for as it was.
    pub(crate) async fn take(
        &self,
        store: &Store,
        taker: Taker<'_>,
        drawn: impl Iterator<Item = usize> + Clone,
    ) -> Result<()> {
        // Whoever has no account is refused by authorization.
        if !self.limits_rates.load(Ordering::Relaxed) || taker.account.is_empty() {
            return Ok(());
        }
        loop {
            if let Some(taken) = self.try_take(taker, drawn.clone()) {
                let common = || Fault::common(Common::Throttling, taker.table.exceeded);
                let exceeded = || taker.refusal.map_or_else(common, |refusal| refusal());
                return taken.then_some(()).ok_or_else(|| Error::Fault(exceeded()));
            }
            Box::pin(self.read_rates(store, taker)).await?;
        }
    }

    /// Whether there was room for the call; none where the rates have to be read first.
    fn try_take(&self, taker: Taker<'_>, drawn: impl Iterator<Item = usize>) -> Option<bool> {
        let places = self.places.read().unwrap_or_else(PoisonError::into_inner);
        let places = places.get(taker.account)?.get(taker.region)?;
        let place = places
            .iter()
            .find(|place| ptr::eq(place.table, taker.table))?;
        let rates = place.rates.as_ref()?;
        let now = nanos(taker.now);
        let has_room = |position: usize| {
            let known = place.buckets.get(position).zip(rates.get(position));
            known.is_none_or(|(bucket, rate)| bucket.take(now, *rate))
        };
        let mut drawn = drawn;
        Some(drawn.all(has_room))
    }

    async fn read_rates(&self, store: &Store, taker: Taker<'_>) -> Result<()> {
        let generation = self.generation.load(Ordering::Acquire);
        let key = AppliedQuotas::place(taker.account, taker.region, taker.table.service_code);
        let applied = store.begin().get::<AppliedQuotas>(&key).await?;
        let rate = |quota: &Quota| {
            let applied = applied
                .as_ref()
                .and_then(|applied| applied.value(quota.code));
            applied.unwrap_or_else(|| quota.default_in(taker.region))
        };
        let rates = taker.table.quotas.iter().map(rate).collect();
        let mut places = self.places.write().unwrap_or_else(PoisonError::into_inner);
        if self.generation.load(Ordering::Acquire) != generation {
            return Ok(());
        }
        make_room(&mut places, nanos(taker.now));
        let regions = places.entry(taker.account.to_owned()).or_default();
        let known = regions.entry(taker.region.to_owned()).or_default();
        match known
            .iter_mut()
            .find(|place| ptr::eq(place.table, taker.table))
        {
            Some(place) => place.rates = Some(rates),
            None => known.push(Place {
                table: taker.table,
                buckets: rates.iter().map(|_| Bucket::default()).collect(),
                rates: Some(rates),
            }),
        }
        Ok(())
    }

    /// Reads the values of an account in a region again before the next call: a commit changed
    /// them. What is taken stays taken.
    pub(crate) fn changed(&self, account: &str, region: &str) {
        let mut places = self.places.write().unwrap_or_else(PoisonError::into_inner);
        self.generation.fetch_add(1, Ordering::AcqRel);
        let regions = places.get_mut(account);
        let known = regions.and_then(|regions| regions.get_mut(region));
        for place in known.into_iter().flatten() {
            place.rates = None;
        }
    }

    /// Forgets everything that was read and taken.
    pub(crate) fn forget(&self) {
        let mut places = self.places.write().unwrap_or_else(PoisonError::into_inner);
        self.generation.fetch_add(1, Ordering::AcqRel);
        places.clear();
    }
}

/// Drops the places that nobody has taken from lately, where there are many: a region is whatever
/// a caller signs for, and there is no end of names.
fn make_room(places: &mut Places, now: u64) {
    if places.values().map(BTreeMap::len).sum::<usize>() < MANY_PLACES {
        return;
    }
    let is_full = |place: &Place| place.buckets.iter().all(|bucket| bucket.is_full(now));
    places.retain(|_, regions| {
        regions.retain(|_, known| !known.iter().all(is_full));
        !regions.is_empty()
    });
}

fn nanos(now: Timestamp) -> u64 {
    let millis = u64::try_from(now.millis).unwrap_or_default();
    millis.saturating_mul(1_000_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_that_nobody_uses_are_dropped_where_there_are_many() {
        let quota = |now| {
            let bucket = Bucket::default();
            assert!(bucket.take(now, 1.0));
            Place {
                table: &TABLE,
                rates: None,
                buckets: vec![bucket],
            }
        };
        static TABLE: QuotaTable = QuotaTable {
            service_code: "test",
            service_name: "Test",
            exceeded: "",
            quotas: &[],
            draws: &[],
            elsewhere: &[],
        };
        let mut places = Places::new();
        let regions = (0..MANY_PLACES).map(|region| {
            let second = if region % 2 == 0 { 1 } else { 9 };
            (region.to_string(), vec![quota(second * 1_000_000_000)])
        });
        places.insert("111122223333".to_owned(), regions.collect());
        make_room(&mut places, 9_500_000_000);
        assert_eq!(places["111122223333"].len(), MANY_PLACES / 2);
        make_room(&mut places, 11_000_000_000);
        assert_eq!(places["111122223333"].len(), MANY_PLACES / 2, "not many");
    }
}
