//! `iam:ListPoliciesGrantingServiceAccess`: shows through which policies an identity reaches
//! services.

use std::collections::BTreeSet;

use api::iam::{
    ListPoliciesGrantingServiceAccessEntry, ListPoliciesGrantingServiceAccessRequest,
    ListPoliciesGrantingServiceAccessResponse, PolicyGrantingServiceAccess,
};
use platform::{Ctx, Result};

use crate::page::{Wanted, page_in_order};
use crate::policies::granting::{self, Grant};

pub(crate) async fn list_policies_granting_service_access(
    ctx: &Ctx,
    req: ListPoliciesGrantingServiceAccessRequest,
) -> Result<ListPoliciesGrantingServiceAccessResponse> {
    let grants = granting::of(ctx, &req.arn).await?;
    let mut seen = BTreeSet::new();
    let namespaces = req.service_namespaces.into_iter();
    let namespaces = namespaces.filter(|namespace| seen.insert(namespace.clone()));
    let entries = namespaces.map(|namespace| {
        let policies = granting_access(&grants, &namespace);
        (namespace, policies)
    });
    // There is no `MaxItems`: a page has as many entries as pages have by default.
    let wanted = Wanted {
        marker: req.marker,
        max_items: None,
    };
    let paged = page_in_order(entries.collect(), |(namespace, _)| namespace, &wanted);
    let entry = |(namespace, policies)| ListPoliciesGrantingServiceAccessEntry {
        service_namespace: Some(namespace),
        policies: Some(policies),
    };
    Ok(ListPoliciesGrantingServiceAccessResponse {
        policies_granting_service_access: Some(paged.items.into_iter().map(entry).collect()),
        is_truncated: Some(paged.marker.is_some()),
        marker: paged.marker,
    })
}

fn granting_access(grants: &[Grant], namespace: &str) -> Vec<PolicyGrantingServiceAccess> {
    let granting = grants.iter().filter(|grant| grant.reaches(namespace));
    granting.map(Grant::shown).collect()
}
