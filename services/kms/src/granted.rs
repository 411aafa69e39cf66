//! What grants allow: asked where no policy does.

use std::sync::Arc;

use api::kms::GrantOperation;
use platform::{CallerKind, Ctx, Grants, PortFuture, Result};
use policy::GrantOutcome;
use store::Key as RecordKey;

use crate::condition_keys::RequestKeys;
use crate::grant::{GrantRecord, OfKey};
use crate::grant_constraints::Terms;
use crate::grant_principal::{GrantPrincipal, Reach, names};
use crate::key::{Key, KeyRecord};

/// So many grants are read at once; as many are kept in memory.
const PAGE: usize = 100;

/// The grants of a key, for one call on it.
pub(crate) struct KeyGrants<'a> {
    key: &'a KeyRecord,
    /// None where no grant can allow the call.
    operation: Option<GrantOperation>,
    request: &'a RequestKeys<'a>,
}

impl<'a> KeyGrants<'a> {
    /// Those that may allow `action` on `key`.
    pub(crate) fn new(key: &'a Key, action: &str, request: &'a RequestKeys<'a>) -> Self {
        let operation = action.strip_prefix("kms:").and_then(GrantOperation::parse);
        Self {
            key: &key.record,
            operation,
            request,
        }
    }

    async fn find(&self, ctx: &Ctx) -> Result<Option<GrantOutcome>> {
        let Some(operation) = self.operation else {
            return Ok(None);
        };
        let of_key = OfKey::new(self.key);
        // Whoever is refused must not fill the cache with the absence of grants to made-up names.
        if of_key.count(ctx).await? == 0 {
            return Ok(None);
        }
        if let Some(service) = ctx.caller.service_name() {
            let is_granted = self.any(ctx, &of_key.to(service), operation).await?;
            return Ok(is_granted.then_some(GrantOutcome::Allow));
        }
        let arn = ctx.caller.arn.as_str();
        let is_session = matches!(
            ctx.caller.kind,
            CallerKind::Role { .. } | CallerKind::FederatedUser { .. }
        );
        if is_session && self.any(ctx, &of_key.to(arn), operation).await? {
            return Ok(Some(GrantOutcome::AllowSession));
        }
        for name in names(&ctx.caller) {
            if self.any(ctx, &of_key.to(name), operation).await? {
                return Ok(Some(GrantOutcome::Allow));
            }
        }
        let to_account = of_key.to(ctx.account());
        let is_delegated =
            !ctx.account().is_empty() && self.any(ctx, &to_account, operation).await?;
        Ok(is_delegated.then_some(GrantOutcome::Delegate))
    }

    /// Whether one of the grants to a grantee allows the call.
    async fn any(&self, ctx: &Ctx, to: &RecordKey, operation: GrantOperation) -> Result<bool> {
        let mut after = None;
        loop {
            let page = ctx.scan::<GrantRecord>(to, after.as_ref(), PAGE).await?;
            let allows = |(_, grant): &(_, Arc<GrantRecord>)| {
                // The kind counts too: a service is not reached by an identity of its name.
                let is_service = matches!(grant.grantee, GrantPrincipal::Service(_));
                is_service == ctx.caller.service_name().is_some()
                    && allows(&grant.terms, ctx.source_arn(), operation, self.request)
            };
            if page.rows.iter().any(allows) {
                return Ok(true);
            }
            match page.next {
                Some(next) => after = Some(next),
                None => return Ok(false),
            }
        }
    }
}

impl Grants for KeyGrants<'_> {
    fn outcome<'a>(&'a self, ctx: &'a Ctx) -> PortFuture<'a, Option<GrantOutcome>> {
        Box::pin(self.find(ctx))
    }
}

/// Whether a grant of these terms allows a call of `operation`, made for the resource `source` if
/// a service makes it.
fn allows(
    terms: &Terms,
    source: Option<&str>,
    operation: GrantOperation,
    request: &RequestKeys<'_>,
) -> bool {
    let constrained = terms.source_arn.as_deref();
    if !terms.include(operation) || constrained.is_some_and(|arn| source != Some(arn)) {
        return false;
    }
    match operation {
        GrantOperation::DescribeKey | GrantOperation::RetireGrant => true,
        GrantOperation::CreateGrant => request
            .grant
            .is_some_and(|grant| grant.terms.are_within(terms)),
        _ => {
            let context = request.encryption.map(|(_, context)| context.pairs());
            terms.accept_context(context.unwrap_or_default())
        }
    }
}

/// A grant that somebody wants to retire, if it exists.
pub(crate) struct RetiredGrant<'a>(pub(crate) Option<&'a GrantRecord>);

impl RetiredGrant<'_> {
    /// The grant says by itself who may retire it ("Retiring and revoking grants"): its retiring
    /// principal, and its grantee if RetireGrant is one of its operations. Its constraints do not
    /// apply.
    fn outcome_for(&self, ctx: &Ctx) -> Option<GrantOutcome> {
        let grant = self.0?;
        let may_grantee = grant.terms.include(GrantOperation::RetireGrant);
        let grantee = Some(&grant.grantee).filter(|_| may_grantee);
        let retiring = grant.retiring.as_ref().map(|retiring| &retiring.principal);
        let principals = [retiring, grantee].into_iter().flatten();
        let reaches: Vec<_> = principals
            .filter_map(|principal| principal.reach(&ctx.caller))
            .collect();
        if reaches.contains(&Reach::Itself) {
            return Some(GrantOutcome::Allow);
        }
        reaches.first().map(|_| GrantOutcome::Delegate)
    }
}

impl Grants for RetiredGrant<'_> {
    fn outcome<'a>(&'a self, ctx: &'a Ctx) -> PortFuture<'a, Option<GrantOutcome>> {
        Box::pin(std::future::ready(Ok(self.outcome_for(ctx))))
    }
}
