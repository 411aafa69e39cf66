//! CloudTrail: who called what.
//!
//! One operation, one file. Every call of every service is on record in the journal, which
//! `platform` writes and indexes; this crate answers questions about it.
//!
//! What it never does: write events, or show one to an account that it does not concern.

mod access;
mod history;
mod lookup_events;
mod quotas;
mod refusals;

use api::cloudtrail as api;
use platform::Service;

/// The service with all its operations.
pub fn service() -> Service {
    Service::new(&api::SERVICE)
        .quotas(&quotas::QUOTAS)
        .op::<api::LookupEvents>(lookup_events::lookup_events)
}
