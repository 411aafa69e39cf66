//! Amazon CloudWatch Logs: log groups, their streams, and the events in them.
//!
//! One operation, one file. A group is reached through the decision about it (`access`), an event
//! through its batch (`batch`, `reading`): what one PutLogEvents brings is one record. Events of a
//! group with a KMS key are encrypted under a data key of it, which KMS opens for each call that
//! needs it (`encryption`). What subscription filters send on is read again when it is sent
//! (`forwarding`).
//!
//! What this crate never does: keep a data key in plaintext beyond a call, put what was logged on
//! any other record or into an error, or take a pattern that it does not understand.

mod access;
mod associate_kms_key;
mod batch;
mod counting;
mod create_log_group;
mod create_log_stream;
mod delete_destination;
mod delete_log_group;
mod delete_log_stream;
mod delete_metric_filter;
mod delete_query_definition;
mod delete_resource_policy;
mod delete_retention_policy;
mod delete_subscription_filter;
mod deliveries;
mod describe_destinations;
mod describe_log_groups;
mod describe_log_streams;
mod describe_metric_filters;
mod describe_queries;
mod describe_query_definitions;
mod describe_resource_policies;
mod describe_subscription_filters;
mod destination;
mod disassociate_kms_key;
mod encryption;
mod envelope;
mod filter;
mod filter_log_events;
#[cfg(test)]
mod formats;
mod forwarding;
mod functions;
mod get_log_events;
mod get_log_group_fields;
mod get_log_record;
mod get_query_results;
mod group;
mod list_log_groups;
mod list_tags_for_resource;
mod list_tags_log_group;
mod metric_filter;
mod names;
mod position;
mod put_destination;
mod put_destination_policy;
mod put_log_events;
mod put_log_group_deletion_protection;
mod put_metric_filter;
mod put_query_definition;
mod put_resource_policy;
mod put_retention_policy;
mod put_subscription_filter;
mod query;
mod query_definition;
mod query_key;
mod querying;
mod quotas;
mod reading;
mod refusals;
mod resource_policy;
mod retention;
mod start_query;
mod stop_query;
mod stream;
mod subscription_filter;
mod tag_log_group;
mod tag_resource;
mod tagged;
mod tags;
mod test_metric_filter;
mod untag_log_group;
mod untag_resource;
mod webhook;

use api::logs as api;
use platform::Service;

pub use counting::{Metric, metrics};
pub use retention::{expire, sweep};

/// The largest body of PutLogEvents, in bytes: a batch of 1 MiB in which every character is
/// escaped, and what stands around 10,000 events.
const MOST_BODY: usize = 8 * 1024 * 1024;

/// The service with all its operations.
pub fn service() -> Service {
    Service::new(&api::SERVICE)
        .invalid_input(refusals::malformed)
        .bodies_of::<api::PutLogEvents>(MOST_BODY)
        .delivers(deliveries::Deliveries)
        .quotas(&quotas::QUOTAS)
        .op::<api::AssociateKmsKey>(associate_kms_key::associate_kms_key)
        .op::<api::CreateLogGroup>(create_log_group::create_log_group)
        .op::<api::CreateLogStream>(create_log_stream::create_log_stream)
        .op::<api::DeleteDestination>(delete_destination::delete_destination)
        .op::<api::DeleteLogGroup>(delete_log_group::delete_log_group)
        .op::<api::DeleteLogStream>(delete_log_stream::delete_log_stream)
        .op::<api::DeleteMetricFilter>(delete_metric_filter::delete_metric_filter)
        .op::<api::DeleteQueryDefinition>(delete_query_definition::delete_query_definition)
        .op::<api::DeleteResourcePolicy>(delete_resource_policy::delete_resource_policy)
        .op::<api::DeleteRetentionPolicy>(delete_retention_policy::delete_retention_policy)
        .op::<api::DeleteSubscriptionFilter>(delete_subscription_filter::delete_subscription_filter)
        .op::<api::DescribeDestinations>(describe_destinations::describe_destinations)
        .op::<api::DescribeLogGroups>(describe_log_groups::describe_log_groups)
        .op::<api::DescribeLogStreams>(describe_log_streams::describe_log_streams)
        .op::<api::DescribeMetricFilters>(describe_metric_filters::describe_metric_filters)
        .op::<api::DescribeQueries>(describe_queries::describe_queries)
        .op::<api::DescribeQueryDefinitions>(describe_query_definitions::describe_query_definitions)
        .op::<api::DescribeResourcePolicies>(describe_resource_policies::describe_resource_policies)
        .op::<api::DescribeSubscriptionFilters>(
            describe_subscription_filters::describe_subscription_filters,
        )
        .op::<api::DisassociateKmsKey>(disassociate_kms_key::disassociate_kms_key)
        .op::<api::FilterLogEvents>(filter_log_events::filter_log_events)
        .op::<api::GetLogEvents>(get_log_events::get_log_events)
        .op::<api::GetLogGroupFields>(get_log_group_fields::get_log_group_fields)
        .op::<api::GetLogRecord>(get_log_record::get_log_record)
        .op::<api::GetQueryResults>(get_query_results::get_query_results)
        .op::<api::ListLogGroups>(list_log_groups::list_log_groups)
        .op::<api::ListTagsForResource>(list_tags_for_resource::list_tags_for_resource)
        .op::<api::ListTagsLogGroup>(list_tags_log_group::list_tags_log_group)
        .op::<api::PutDestination>(put_destination::put_destination)
        .op::<api::PutDestinationPolicy>(put_destination_policy::put_destination_policy)
        .op::<api::PutLogEvents>(put_log_events::put_log_events)
        .op::<api::PutLogGroupDeletionProtection>(
            put_log_group_deletion_protection::put_log_group_deletion_protection,
        )
        .op::<api::PutMetricFilter>(put_metric_filter::put_metric_filter)
        .op::<api::PutQueryDefinition>(put_query_definition::put_query_definition)
        .op::<api::PutResourcePolicy>(put_resource_policy::put_resource_policy)
        .op::<api::PutRetentionPolicy>(put_retention_policy::put_retention_policy)
        .op::<api::PutSubscriptionFilter>(put_subscription_filter::put_subscription_filter)
        .op::<api::StartQuery>(start_query::start_query)
        .op::<api::StopQuery>(stop_query::stop_query)
        .op::<api::TagLogGroup>(tag_log_group::tag_log_group)
        .op::<api::TagResource>(tag_resource::tag_resource)
        .op::<api::TestMetricFilter>(test_metric_filter::test_metric_filter)
        .op::<api::UntagLogGroup>(untag_log_group::untag_log_group)
        .op::<api::UntagResource>(untag_resource::untag_resource)
}
