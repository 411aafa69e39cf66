//! AWS Organizations: accounts in a tree, the policies that bind them, and how accounts come and go.
//!
//! One operation is one file. Everything that a decision needs to know of an organization (its
//! tree, which policies are attached where, and the documents of the attached service and resource
//! control policies) is one record, so that a decision reads two records that are in memory:
//! the account's membership and its organization. [`MembershipDirectory`] is that port.
//!
//! What it never does: answer about another organization's things otherwise than about things that
//! do not exist, let a member account act where AWS wants the management account, or keep a policy
//! that it cannot evaluate.

mod access;
mod accounts;
mod delegation;
mod directory;
mod handshakes;
mod ids;
mod organization;
mod page;
mod policies;
mod refusals;
mod reported;
mod tags;
mod units;

pub use directory::MembershipDirectory;

use platform::Service;

/// The service with all its operations, one folder a kind of thing.
pub fn service() -> Service {
    let service = Service::new(&api::organizations::SERVICE).global();
    let service = organization::operations(service);
    let service = accounts::operations(service);
    let service = units::operations(service);
    let service = policies::operations(service);
    let service = handshakes::operations(service);
    let service = delegation::operations(service);
    tags::operations(service)
}
