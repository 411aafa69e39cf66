//! What a handler sees of quotas, and what a call takes from them.

use std::sync::atomic::Ordering;

use wire::shape::OperationTable;
use wire::{Timestamp, Value};

use crate::ctx::{Ctx, House};
use crate::fault::{Error, Result};
use crate::quotas::{AppliedQuotas, QuotaTable, Taker};
use crate::service::Service;

impl Ctx {
    /// The quotas of all services.
    pub fn quota_tables(&self) -> &[&'static QuotaTable] {
        self.house.quotas.tables()
    }

    /// The value of the quota with this code that holds for `account` in the call's region.
    pub async fn quota(&self, account: &str, table: &QuotaTable, code: &str) -> Result<f64> {
        self.quota_in((account, &self.region), table, code).await
    }

    async fn quota_in(
        &self,
        (account, region): (&str, &str),
        table: &QuotaTable,
        code: &str,
    ) -> Result<f64> {
        let known = table.quota(code);
        let quota = known.ok_or_else(|| Error::internal(format!("there is no quota `{code}`")))?;
        let place = AppliedQuotas::place(account, region, table.service_code);
        let applied = self.get::<AppliedQuotas>(&place).await?;
        let changed = applied.and_then(|applied| applied.value(code));
        Ok(changed.unwrap_or_else(|| quota.default_in(region)))
    }

    /// The value of a quota that counts things, in the call's region.
    pub async fn count_quota(&self, account: &str, table: &QuotaTable, code: &str) -> Result<u64> {
        let place = (account, self.region.as_str());
        self.count_quota_in(place, table, code).await
    }

    /// The same in another region, where the call makes something there.
    #[expect(
        clippy::cast_possible_truncation,
        reason = "there are whole things, and casts of floats saturate"
    )]
    pub async fn count_quota_in(
        &self,
        place: (&str, &str),
        table: &QuotaTable,
        code: &str,
    ) -> Result<u64> {
        Ok(self.quota_in(place, table, code).await? as u64)
    }

    /// Stages another value of the quota with this code, for the caller's account in the call's
    /// region. It holds from the commit on.
    pub async fn change_quota(&self, table: &QuotaTable, code: &str, value: f64) -> Result<()> {
        let place = AppliedQuotas::place(self.account(), &self.region, table.service_code);
        let applied = self.get::<AppliedQuotas>(&place).await?;
        let mut applied = applied.as_deref().cloned().unwrap_or_default();
        applied.values.insert(code.to_owned(), value);
        self.put(place, applied).await;
        self.changes_quotas.store(true, Ordering::Relaxed);
        Ok(())
    }
}

impl House {
    /// Takes a call from the request rates that it counts against: those of the caller's account,
    /// whoever owns what it is about ("Cross-account requests", AWS KMS developer guide), in the
    /// region, at the time. A call that names a second region may count there, too.
    pub(crate) async fn take(
        &self,
        service: &Service,
        (operation, input): (&OperationTable, &Value),
        (account, region, now): (&str, &str, Timestamp),
    ) -> Result<()> {
        let Some(draws) = &service.draws else {
            return Ok(());
        };
        let taker = Taker {
            table: draws.table,
            account,
            region,
            now,
            refusal: service.throttled,
        };
        let drawn = draws.of(operation.name, input);
        self.quotas.take(&self.upkeep.store, taker, drawn).await?;
        match draws.elsewhere(operation.name, input) {
            // A region that is not answered for has no quotas, and the call fails.
            Some((second, drawn)) if second != region && self.regions().contains(second) => {
                let taker = Taker {
                    region: second,
                    ..taker
                };
                self.quotas.take(&self.upkeep.store, taker, drawn).await
            }
            _ => Ok(()),
        }
    }
}
