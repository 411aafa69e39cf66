//! Whose calls are logged by a trail: what EventBridge asks CloudTrail, since it learns of calls only
//! where a trail logs ("AWS service events delivered via AWS CloudTrail", EventBridge user guide).

use std::sync::Arc;

use store::Txn;

use crate::ports::PortFuture;

/// Whose calls a trail logs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Whose {
    /// Those of this account.
    Account(String),
    /// Those of all accounts of the organization of this id.
    Organization(String),
}

/// Whether a trail logs an event, given by its number in the journal and as JSON text: what the trail
/// chose when the event was recorded decides, whatever it chooses now. Whose it is, it does not say.
pub type Selects = Arc<dyn Fn(u64, &[u8]) -> bool + Send + Sync>;

/// The calls that a trail logs.
#[derive(Clone)]
pub struct LoggedCalls {
    /// Whose.
    pub whose: Whose,
    /// Of which Region; of all, if none is named.
    pub region: Option<String>,
    /// Which of them.
    pub selects: Selects,
}

impl LoggedCalls {
    /// Whether calls of an account in a Region may be among them, which is in the organization of
    /// this id, if in any.
    pub fn may_have(&self, (account, region): (&str, &str), organization: Option<&str>) -> bool {
        let is_whose = match &self.whose {
            Whose::Account(own) => own == account,
            Whose::Organization(own) => organization == Some(own),
        };
        is_whose && self.region.as_deref().is_none_or(|own| own == region)
    }
}

/// Who keeps trails.
pub trait Trails: Send + Sync {
    /// What all trails that log now log.
    fn logging<'a>(&'a self, txn: &'a mut Txn) -> PortFuture<'a, Vec<LoggedCalls>>;
}
