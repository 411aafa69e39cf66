//! The organization itself and its root.

mod create_organization;
mod delete_organization;
mod describe_organization;
mod enable_all_features;
mod list_roots;
pub(crate) mod membership;
pub(crate) mod record;
pub(crate) mod tree;

use api::organizations::{
    CreateOrganization, DeleteOrganization, DescribeOrganization, EnableAllFeatures, ListRoots,
};
use platform::Service;

pub(crate) fn operations(service: Service) -> Service {
    service
        .op::<CreateOrganization>(create_organization::create_organization)
        .op::<DeleteOrganization>(delete_organization::delete_organization)
        .op::<DescribeOrganization>(describe_organization::describe_organization)
        .op::<EnableAllFeatures>(enable_all_features::enable_all_features)
        .op::<ListRoots>(list_roots::list_roots)
}
