//! Service Quotas: what AWS lets an account have and do, and how to get more.
//!
//! One operation, one file. The quotas are those that the services declare
//! ([`platform::QuotaTable`]); a value that was raised is kept by `platform`, which limits calls by
//! it. This crate shows them, raises them, and remembers who asked for what.
//!
//! An increase is granted at once: the account that runs the program is AWS to its own quotas, and
//! whom it lets ask, its policies say.
//!
//! What it never does: know a service, lower a value, or raise one that AWS does not raise.

mod access;
mod change;
#[cfg(test)]
mod formats;
mod get_aws_default_service_quota;
mod get_requested_service_quota_change;
mod get_service_quota;
mod list_aws_default_service_quotas;
mod list_requested_service_quota_change_history;
mod list_requested_service_quota_change_history_by_quota;
mod list_service_quotas;
mod list_services;
mod list_tags_for_resource;
mod lookup;
mod page;
mod refusals;
mod request_service_quota_increase;
mod shown;
mod tag_resource;
mod tags;
mod untag_resource;

use api::servicequotas as api;
use platform::Service;

/// The service with all its operations.
pub fn service() -> Service {
    Service::new(&api::SERVICE)
        .op::<api::GetAWSDefaultServiceQuota>(
            get_aws_default_service_quota::get_aws_default_service_quota,
        )
        .op::<api::GetRequestedServiceQuotaChange>(
            get_requested_service_quota_change::get_requested_service_quota_change,
        )
        .op::<api::GetServiceQuota>(get_service_quota::get_service_quota)
        .op::<api::ListAWSDefaultServiceQuotas>(
            list_aws_default_service_quotas::list_aws_default_service_quotas,
        )
        .op::<api::ListRequestedServiceQuotaChangeHistory>(
            list_requested_service_quota_change_history::list_requested_service_quota_change_history,
        )
        .op::<api::ListRequestedServiceQuotaChangeHistoryByQuota>(
            list_requested_service_quota_change_history_by_quota::list_requested_service_quota_change_history_by_quota,
        )
        .op::<api::ListServiceQuotas>(list_service_quotas::list_service_quotas)
        .op::<api::ListServices>(list_services::list_services)
        .op::<api::ListTagsForResource>(list_tags_for_resource::list_tags_for_resource)
        .op::<api::RequestServiceQuotaIncrease>(
            request_service_quota_increase::request_service_quota_increase,
        )
        .op::<api::TagResource>(tag_resource::tag_resource)
        .op::<api::UntagResource>(untag_resource::untag_resource)
}
