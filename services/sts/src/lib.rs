//! AWS Security Token Service: who is calling.
//!
//! One operation is one file. The service keeps nothing and asks nothing: what it answers comes
//! from the signature that the request pipeline has verified.
//!
//! What it never does: issue credentials, or answer from anything that the caller claims.

mod get_caller_identity;

use platform::Service;

/// The service with all its operations.
pub fn service() -> Service {
    Service::new(&api::sts::SERVICE)
        .op::<api::sts::GetCallerIdentity>(get_caller_identity::get_caller_identity)
}
