//! The port that every decision asks: an account's place in an organization.

use std::sync::Arc;

use platform::{
    Membership, Organizations, PortFuture, ReportAbout, Reported, ServiceAccess, Unreportable,
};
use store::Txn;

use crate::organization::record::{MemberRecord, OrganizationRecord};
use crate::reported;

/// Organizations, out of the store. It keeps nothing itself: what is derived from an organization
/// lives with its record, so that a moved account and a detached policy count with the next call.
pub struct MembershipDirectory;

impl Organizations for MembershipDirectory {
    fn membership<'a>(
        &'a self,
        txn: &'a mut Txn,
        account: &'a str,
    ) -> PortFuture<'a, Option<Arc<Membership>>> {
        Box::pin(async move {
            let Some(organization) = organization_of(txn, account).await? else {
                return Ok(None);
            };
            organization.membership(account)
        })
    }

    fn reported<'a>(
        &'a self,
        txn: &'a mut Txn,
        management_account: &'a str,
        about: ReportAbout<'a>,
    ) -> PortFuture<'a, Result<Reported, Unreportable>> {
        Box::pin(reported::part(txn, management_account, about))
    }

    fn service_access<'a>(
        &'a self,
        txn: &'a mut Txn,
        management_account: &'a str,
        service: &'a str,
    ) -> PortFuture<'a, ServiceAccess> {
        Box::pin(async move {
            let key = OrganizationRecord::key(management_account);
            let found = txn.get::<OrganizationRecord>(&key).await?;
            Ok(found.map_or_else(ServiceAccess::default, |found| {
                found.service_access(service)
            }))
        })
    }
}

/// The organization of `account`. A scan, since the store remembers that a scan found nothing,
/// and most accounts of most installations are in no organization.
async fn organization_of(
    txn: &mut Txn,
    account: &str,
) -> platform::Result<Option<Arc<OrganizationRecord>>> {
    let found = txn
        .scan::<MemberRecord>(&MemberRecord::prefix(account), None, 1)
        .await?;
    let Some((_, member)) = found.rows.into_iter().next() else {
        return Ok(None);
    };
    let key = OrganizationRecord::key(&member.management_account);
    Ok(txn.get::<OrganizationRecord>(&key).await?)
}
