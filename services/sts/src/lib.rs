//! AWS Security Token Service: who is calling, and temporary credentials.
//!
//! One operation is one file. The service keeps no sessions: a session token is the session itself,
//! sealed by the platform. What it needs to know of roles, second factors and accounts it asks
//! through the platform's ports.
//!
//! What it never does: issue credentials that reach further than who asks for them and what a role
//! trusts, tell a role that refuses from one that is not there, or answer from anything that the
//! caller claims without proof.

mod assume_role;
mod assume_root;
mod decode_authorization_message;
mod get_access_key_info;
mod get_caller_identity;
mod get_federation_token;
mod get_session_token;
mod issuing;
mod packed;
mod role;
mod second_factor;
mod session_policies;
mod session_tags;

use platform::Service;

/// The service with all its operations.
pub fn service() -> Service {
    Service::new(&api::sts::SERVICE)
        .op::<api::sts::AssumeRole>(assume_role::assume_role)
        .op::<api::sts::AssumeRoot>(assume_root::assume_root)
        .op::<api::sts::DecodeAuthorizationMessage>(
            decode_authorization_message::decode_authorization_message,
        )
        .op::<api::sts::GetAccessKeyInfo>(get_access_key_info::get_access_key_info)
        .op::<api::sts::GetCallerIdentity>(get_caller_identity::get_caller_identity)
        .op::<api::sts::GetFederationToken>(get_federation_token::get_federation_token)
        .op::<api::sts::GetSessionToken>(get_session_token::get_session_token)
}
