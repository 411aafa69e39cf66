//! Whose calls are logged by a trail: what EventBridge asks CloudTrail, since it learns of calls only
//! where a trail logs ("AWS service events delivered via AWS CloudTrail", EventBridge user guide).

use store::Txn;

use crate::ports::PortFuture;

/// The management events of an account that some trail logs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoggedCalls {
    /// Whose.
    pub account: String,
    /// Of which Region; of all, if none is named.
    pub region: Option<String>,
    /// Whether those of services that are in no Region are among them.
    pub has_global_services: bool,
    /// Whether those that read are logged.
    pub reads: bool,
    /// Whether those that change something are logged.
    pub writes: bool,
    /// Sources whose events are left out: `kms.amazonaws.com`.
    pub excluded_sources: Vec<String>,
}

impl LoggedCalls {
    /// Whether an event of this account, Region and source is logged. `is_global` says that the
    /// source is a service in no Region.
    pub fn has(&self, (account, region, source): (&str, &str, &str), is_global: bool) -> bool {
        let is_here = self.region.as_deref().is_none_or(|own| own == region);
        let is_excluded = self.excluded_sources.iter().any(|known| known == source);
        self.account == account
            && is_here
            && (self.has_global_services || !is_global)
            && !is_excluded
    }
}

/// Who keeps trails.
pub trait Trails: Send + Sync {
    /// What all trails that log now log.
    fn logging<'a>(&'a self, txn: &'a mut Txn) -> PortFuture<'a, Vec<LoggedCalls>>;
}
