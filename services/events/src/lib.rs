//! EventBridge: buses that take events, rules that look for some of them, targets that get those.
//!
//! One operation, one file. A bus is two records, [`bus`] and [`rules`]; what patterns mean is
//! `patterns`' own affair, and [`routing`] is the way of an event from a bus to the targets of the
//! rules that match. An event is put, routed and archived in one commit: it is never in one place
//! and not in the other.
//!
//! What it never does: accept a target that it cannot serve, or deliver across accounts without
//! the receiving bus's policy.

mod access;
mod api_destination;
mod archives;
mod archives_formats;
mod audience;
mod authorizing;
mod bus;
mod bus_formats;
mod bus_target;
mod cancel_replay;
mod connection;
mod connection_secrets;
mod create_api_destination;
mod create_archive;
mod create_connection;
mod create_event_bus;
mod credentials;
mod deauthorize_connection;
mod delete_api_destination;
mod delete_archive;
mod delete_connection;
mod delete_event_bus;
mod delete_rule;
mod deliverer;
mod describe_api_destination;
mod describe_archive;
mod describe_connection;
mod describe_event_bus;
mod describe_replay;
mod describe_rule;
mod disable_rule;
mod dispatch;
mod dispatch_formats;
mod emitted;
mod emptying;
mod enable_rule;
mod encryption;
mod entry;
mod expiry;
mod fan_out;
#[cfg(test)]
mod formats;
mod functions;
mod input;
mod json_path;
mod list_api_destinations;
mod list_archives;
mod list_connections;
mod list_event_buses;
mod list_replays;
mod list_rule_names_by_target;
mod list_rules;
mod list_tags_for_resource;
mod list_targets_by_rule;
mod listening;
mod log_target;
mod lost;
mod names;
mod page;
mod permissions;
mod put_events;
mod put_permission;
mod put_rule;
mod put_targets;
mod queues;
mod quotas;
mod refusals;
mod remove_permission;
mod remove_targets;
mod replaying;
mod replays;
mod routing;
mod rules;
mod rules_formats;
mod scheduled;
mod sources;
mod start_replay;
mod tag_resource;
mod tagged;
mod tags;
mod targets;
mod test_event_pattern;
mod topics;
mod trail_events;
mod untag_resource;
mod update_api_destination;
mod update_archive;
mod update_connection;
mod update_event_bus;
mod webhook;

pub use replaying::replay;
pub use sources::Sources;
pub use trail_events::first_unrouted;

use api::events as api;
use platform::Service;

/// The service with all its operations.
pub fn service() -> Service {
    Service::new(&api::SERVICE)
        .op::<api::CancelReplay>(cancel_replay::cancel_replay)
        .op::<api::CreateApiDestination>(create_api_destination::create_api_destination)
        .op::<api::CreateArchive>(create_archive::create_archive)
        .op::<api::CreateConnection>(create_connection::create_connection)
        .op::<api::CreateEventBus>(create_event_bus::create_event_bus)
        .op::<api::DeauthorizeConnection>(deauthorize_connection::deauthorize_connection)
        .op::<api::DeleteApiDestination>(delete_api_destination::delete_api_destination)
        .op::<api::DeleteArchive>(delete_archive::delete_archive)
        .op::<api::DeleteConnection>(delete_connection::delete_connection)
        .op::<api::DeleteEventBus>(delete_event_bus::delete_event_bus)
        .op::<api::DeleteRule>(delete_rule::delete_rule)
        .op::<api::DescribeApiDestination>(describe_api_destination::describe_api_destination)
        .op::<api::DescribeArchive>(describe_archive::describe_archive)
        .op::<api::DescribeConnection>(describe_connection::describe_connection)
        .op::<api::DescribeEventBus>(describe_event_bus::describe_event_bus)
        .op::<api::DescribeReplay>(describe_replay::describe_replay)
        .op::<api::DescribeRule>(describe_rule::describe_rule)
        .op::<api::DisableRule>(disable_rule::disable_rule)
        .op::<api::EnableRule>(enable_rule::enable_rule)
        .op::<api::ListApiDestinations>(list_api_destinations::list_api_destinations)
        .op::<api::ListArchives>(list_archives::list_archives)
        .op::<api::ListConnections>(list_connections::list_connections)
        .op::<api::ListEventBuses>(list_event_buses::list_event_buses)
        .op::<api::ListReplays>(list_replays::list_replays)
        .op::<api::ListRuleNamesByTarget>(list_rule_names_by_target::list_rule_names_by_target)
        .op::<api::ListRules>(list_rules::list_rules)
        .op::<api::ListTagsForResource>(list_tags_for_resource::list_tags_for_resource)
        .op::<api::ListTargetsByRule>(list_targets_by_rule::list_targets_by_rule)
        .op::<api::PutEvents>(put_events::put_events)
        .op::<api::PutPermission>(put_permission::put_permission)
        .op::<api::PutRule>(put_rule::put_rule)
        .op::<api::PutTargets>(put_targets::put_targets)
        .op::<api::RemovePermission>(remove_permission::remove_permission)
        .op::<api::RemoveTargets>(remove_targets::remove_targets)
        .op::<api::StartReplay>(start_replay::start_replay)
        .op::<api::TagResource>(tag_resource::tag_resource)
        .op::<api::TestEventPattern>(test_event_pattern::test_event_pattern)
        .op::<api::UntagResource>(untag_resource::untag_resource)
        .op::<api::UpdateApiDestination>(update_api_destination::update_api_destination)
        .op::<api::UpdateArchive>(update_archive::update_archive)
        .op::<api::UpdateConnection>(update_connection::update_connection)
        .op::<api::UpdateEventBus>(update_event_bus::update_event_bus)
        .delivers(deliverer::Targets::default())
        .quotas(&quotas::QUOTAS)
}
