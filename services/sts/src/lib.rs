//! AWS Security Token Service: who is calling, and temporary credentials.
//!
//! One operation is one file. The service keeps no sessions: a session token is the session itself,
//! sealed by the platform. It keeps the keys that web identity tokens are signed with, and nothing
//! else. What it needs to know of roles, second factors and accounts it asks
//! through the platform's ports.
//!
//! What it never does: issue credentials that reach further than who asks for them and what a role
//! trusts, tell a role that refuses from one that is not there, or answer from anything that the
//! caller claims without proof.

mod assume_role;
mod assume_role_with_saml;
mod assume_role_with_web_identity;
mod assume_root;
mod decode_authorization_message;
mod get_access_key_info;
mod get_caller_identity;
mod get_federation_token;
mod get_session_token;
mod get_web_identity_token;
mod issuing;
mod key_set;
mod packed;
mod role;
mod saml_claims;
mod saml_identity;
mod second_factor;
mod session_policies;
mod session_tags;
mod signing_keys;
mod web_identity;

pub use signing_keys::key_set;

use platform::Service;

/// The service with all its operations.
pub fn service() -> Service {
    Service::new(&api::sts::SERVICE)
        .global()
        .op::<api::sts::AssumeRole>(assume_role::assume_role)
        .op::<api::sts::AssumeRoleWithSAML>(assume_role_with_saml::assume_role_with_saml)
        .op::<api::sts::AssumeRoleWithWebIdentity>(
            assume_role_with_web_identity::assume_role_with_web_identity,
        )
        .op::<api::sts::AssumeRoot>(assume_root::assume_root)
        .op::<api::sts::DecodeAuthorizationMessage>(
            decode_authorization_message::decode_authorization_message,
        )
        .op::<api::sts::GetAccessKeyInfo>(get_access_key_info::get_access_key_info)
        .op::<api::sts::GetCallerIdentity>(get_caller_identity::get_caller_identity)
        .op::<api::sts::GetFederationToken>(get_federation_token::get_federation_token)
        .op::<api::sts::GetSessionToken>(get_session_token::get_session_token)
        .op::<api::sts::GetWebIdentityToken>(get_web_identity_token::get_web_identity_token)
}
