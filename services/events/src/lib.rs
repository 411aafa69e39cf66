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
mod archives;
mod archives_formats;
mod audience;
mod bus;
mod cancel_replay;
mod create_archive;
mod create_event_bus;
mod delete_archive;
mod delete_event_bus;
mod delete_rule;
mod describe_archive;
mod describe_event_bus;
mod describe_replay;
mod describe_rule;
mod disable_rule;
mod emitted;
mod enable_rule;
mod entry;
mod expiry;
#[cfg(test)]
mod formats;
mod list_archives;
mod list_event_buses;
mod list_replays;
mod list_rule_names_by_target;
mod list_rules;
mod list_tags_for_resource;
mod list_targets_by_rule;
mod listening;
mod names;
mod page;
mod permissions;
mod put_events;
mod put_permission;
mod put_rule;
mod put_targets;
mod refusals;
mod remove_permission;
mod remove_targets;
mod replaying;
mod replays;
mod routing;
mod rules;
mod scheduled;
mod sources;
mod start_replay;
mod tag_resource;
mod tagged;
mod tags;
mod targets;
mod test_event_pattern;
mod trail_events;
mod untag_resource;
mod update_archive;
mod update_event_bus;

pub use replaying::replay;
pub use sources::Sources;

use api::events as api;
use platform::Service;

/// The service with all its operations.
pub fn service() -> Service {
    Service::new(&api::SERVICE)
        .op::<api::CancelReplay>(cancel_replay::cancel_replay)
        .op::<api::CreateArchive>(create_archive::create_archive)
        .op::<api::CreateEventBus>(create_event_bus::create_event_bus)
        .op::<api::DeleteArchive>(delete_archive::delete_archive)
        .op::<api::DeleteEventBus>(delete_event_bus::delete_event_bus)
        .op::<api::DeleteRule>(delete_rule::delete_rule)
        .op::<api::DescribeArchive>(describe_archive::describe_archive)
        .op::<api::DescribeEventBus>(describe_event_bus::describe_event_bus)
        .op::<api::DescribeReplay>(describe_replay::describe_replay)
        .op::<api::DescribeRule>(describe_rule::describe_rule)
        .op::<api::DisableRule>(disable_rule::disable_rule)
        .op::<api::EnableRule>(enable_rule::enable_rule)
        .op::<api::ListArchives>(list_archives::list_archives)
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
        .op::<api::UpdateArchive>(update_archive::update_archive)
        .op::<api::UpdateEventBus>(update_event_bus::update_event_bus)
}
