//! CloudTrail: who called what.
//!
//! One operation, one file. Every call of every service is on record in the journal, which
//! `platform` writes and indexes; this crate answers questions about it.
//!
//! What it never does: write events, or show one to an account that it does not concern.

mod access;
mod add_tags;
mod collection;
mod create_trail;
mod delete_trail;
mod delivery;
mod describe_trails;
mod digest;
mod digest_key;
mod encryption;
mod event;
#[cfg(test)]
mod formats;
mod get_event_selectors;
mod get_insight_selectors;
mod get_trail;
mod get_trail_status;
mod hex;
mod history;
mod insights;
mod list_public_keys;
mod list_tags;
mod list_trails;
mod log_file;
mod log_group;
mod lookup_events;
mod names;
mod notification;
mod organization;
mod put_event_selectors;
mod put_insight_selectors;
mod quotas;
mod refusals;
mod remove_tags;
mod selector_checks;
mod selectors;
mod settings;
mod start_logging;
mod stop_logging;
mod tags;
mod trail;
mod trail_formats;
mod unread;
mod update_trail;
mod watching;

pub use delivery::deliver;
pub use unread::first_undelivered;
pub use watching::LoggingTrails;

use api::cloudtrail as api;
use platform::Service;

/// The service with all its operations.
pub fn service() -> Service {
    Service::new(&api::SERVICE)
        .quotas(&quotas::QUOTAS)
        .op::<api::AddTags>(add_tags::add_tags)
        .op::<api::CreateTrail>(create_trail::create_trail)
        .op::<api::DeleteTrail>(delete_trail::delete_trail)
        .op::<api::DescribeTrails>(describe_trails::describe_trails)
        .op::<api::GetEventSelectors>(get_event_selectors::get_event_selectors)
        .op::<api::GetInsightSelectors>(get_insight_selectors::get_insight_selectors)
        .op::<api::GetTrail>(get_trail::get_trail)
        .op::<api::GetTrailStatus>(get_trail_status::get_trail_status)
        .op::<api::ListPublicKeys>(list_public_keys::list_public_keys)
        .op::<api::ListTags>(list_tags::list_tags)
        .op::<api::ListTrails>(list_trails::list_trails)
        .op::<api::LookupEvents>(lookup_events::lookup_events)
        .op::<api::PutEventSelectors>(put_event_selectors::put_event_selectors)
        .op::<api::PutInsightSelectors>(put_insight_selectors::put_insight_selectors)
        .op::<api::RemoveTags>(remove_tags::remove_tags)
        .op::<api::StartLogging>(start_logging::start_logging)
        .op::<api::StopLogging>(stop_logging::stop_logging)
        .op::<api::UpdateTrail>(update_trail::update_trail)
}
