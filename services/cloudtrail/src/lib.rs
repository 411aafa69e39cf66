//! CloudTrail: who called what.
//!
//! One operation, one file. Every call of every service is on record in the journal, which
//! `platform` writes and indexes; this crate answers questions about it.
//!
//! What it never does: write events, or show one to an account that it does not concern.

mod access;
mod create_trail;
mod delete_trail;
mod delivery;
mod describe_trails;
mod digest;
mod digest_key;
mod get_trail;
mod get_trail_status;
mod hex;
mod history;
mod list_public_keys;
mod list_trails;
mod log_file;
mod lookup_events;
mod names;
mod quotas;
mod refusals;
mod start_logging;
mod stop_logging;
mod trail;
mod watching;

pub use delivery::deliver;
pub use watching::LoggingTrails;

use api::cloudtrail as api;
use platform::Service;

/// The service with all its operations.
pub fn service() -> Service {
    Service::new(&api::SERVICE)
        .quotas(&quotas::QUOTAS)
        .op::<api::CreateTrail>(create_trail::create_trail)
        .op::<api::DeleteTrail>(delete_trail::delete_trail)
        .op::<api::DescribeTrails>(describe_trails::describe_trails)
        .op::<api::GetTrail>(get_trail::get_trail)
        .op::<api::GetTrailStatus>(get_trail_status::get_trail_status)
        .op::<api::ListPublicKeys>(list_public_keys::list_public_keys)
        .op::<api::ListTrails>(list_trails::list_trails)
        .op::<api::LookupEvents>(lookup_events::lookup_events)
        .op::<api::StartLogging>(start_logging::start_logging)
        .op::<api::StopLogging>(stop_logging::stop_logging)
}
