//! How many invocations run at once ("Understanding Lambda function scaling").

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use api::lambda::TooManyRequestsException;
use wire::{Fault, Value};
use zeroize::Zeroizing;

use super::Limits;
use crate::names::FunctionPlace;

/// The invocations that run, counted.
#[derive(Default)]
pub(super) struct Claims(Mutex<Counts>);

#[derive(Default)]
struct Counts {
    /// By the function's ARN.
    functions: BTreeMap<String, u32>,
    /// By account and Region.
    accounts: BTreeMap<(String, String), u32>,
}

/// An invocation that counts, until this is dropped.
pub(super) struct Claim {
    claims: Arc<Claims>,
    function: String,
    account: (String, String),
}

impl Claims {
    /// Counts an invocation, if there may be one more.
    pub(super) fn take(
        claims: &Arc<Self>,
        place: &FunctionPlace,
        limits: Limits,
    ) -> Result<Claim, Fault> {
        let function = place.arn();
        let account = (place.account.clone(), place.region.clone());
        let mut counts = claims.counts();
        let known = |count: Option<&u32>| count.copied().unwrap_or(0);
        let (own, all) = (
            known(counts.functions.get(&function)),
            known(counts.accounts.get(&account)),
        );
        if limits.reserved.is_some_and(|reserved| own >= reserved) {
            let reason = "ReservedFunctionConcurrentInvocationLimitExceeded";
            return Err(throttled(reason));
        }
        if all >= limits.account {
            return Err(throttled("ConcurrentInvocationLimitExceeded"));
        }
        counts.functions.insert(function.clone(), own + 1);
        counts.accounts.insert(account.clone(), all + 1);
        drop(counts);
        Ok(Claim {
            claims: Arc::clone(claims),
            function,
            account,
        })
    }

    fn counts(&self) -> MutexGuard<'_, Counts> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        let mut counts = self.claims.counts();
        less(&mut counts.functions, &self.function);
        less(&mut counts.accounts, &self.account);
    }
}

fn less<K: Ord>(counts: &mut BTreeMap<K, u32>, key: &K) {
    match counts.get_mut(key) {
        Some(count) if *count > 1 => *count -= 1,
        _ => drop(counts.remove(key)),
    }
}

/// `TooManyRequestsException` for one of AWS's reasons (`ThrottleReason`).
pub(super) fn throttled(reason: &str) -> Fault {
    let reason = Value::String(Zeroizing::new(reason.to_owned()));
    TooManyRequestsException::new("Rate Exceeded.").with_members(vec![
        None,
        None,
        None,
        Some(reason),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(name: &str) -> FunctionPlace {
        FunctionPlace {
            account: "111122223333".to_owned(),
            region: "eu-west-2".to_owned(),
            name: name.to_owned(),
        }
    }

    #[test]
    fn there_are_never_more_than_the_limits() {
        let claims = Arc::<Claims>::default();
        let limits = |reserved, account| Limits { reserved, account };
        let take = |name, limits| Claims::take(&claims, &place(name), limits);
        let first = take("a", limits(Some(1), 3)).ok();
        assert!(first.is_some());
        assert!(take("a", limits(Some(1), 3)).is_err(), "its reservation");
        assert!(
            take("b", limits(Some(0), 3)).is_err(),
            "nothing is reserved"
        );
        let others: Vec<_> = (0..2)
            .map(|_| take("b", limits(None, 3)).ok().unwrap())
            .collect();
        assert!(take("b", limits(None, 3)).is_err(), "the account's limit");
        drop(first);
        let again = take("a", limits(Some(1), 3)).ok();
        assert!(again.is_some(), "it has ended");
        drop((others, again));
        let counts = claims.counts();
        assert!(counts.functions.is_empty() && counts.accounts.is_empty());
    }
}
