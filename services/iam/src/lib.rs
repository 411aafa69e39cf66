//! AWS Identity and Access Management: the account, its users, their access keys and inline
//! policies.
//!
//! One operation is one file. [`IdentityDirectory`] answers what the request pipeline and other
//! services ask about callers (whose access key is this, and which policies bind its owner), and
//! [`bootstrap`] makes the account and its root access key when a store is new.
//!
//! What it never does: show the secret of an access key a second time, keep a secret in clear
//! (each is sealed once more inside its sealed record), tell a caller without permission whether a
//! user exists, or remember anything outside the store but wrong codes of second factors: what is
//! derived from a record lives and dies with the record, so that a change counts from the moment it
//! is committed.

mod access_keys;
mod account;
mod attachments;
mod aws_managed;
mod binding;
mod bootstrap;
mod credentials;
mod directory;
mod founding;
mod groups;
mod ids;
mod inline_policies;
mod instance_profiles;
mod last_used;
mod login_profiles;
mod mfa;
mod oidc_providers;
mod operator;
mod page;
mod password_policy;
mod percent;
mod permissions;
mod policies;
mod reports;
mod roles;
mod saml_providers;
mod server_certificates;
mod service_credentials;
mod service_linked_roles;
mod signing_certificates;
mod simulation;
mod ssh_keys;
mod tagging;
mod tags;
mod target;
mod unique_ids;
mod users;
mod x509;

pub use bootstrap::{BootstrapError, Bootstrapped, bootstrap};
pub use directory::IdentityDirectory;
pub use operator::service as operator;

use platform::Service;

/// The service with all its operations, one folder a kind of thing.
pub fn service() -> Service {
    let service = Service::new(&api::iam::SERVICE)
        .global()
        .resources(|ctx, arn| Box::pin(operator::trusted_role::by_arn(ctx, arn)));
    let service = access_keys::operations(service);
    let service = account::operations(service);
    let service = groups::operations(service);
    let service = instance_profiles::operations(service);
    let service = login_profiles::operations(service);
    let service = mfa::operations(service);
    let service = oidc_providers::operations(service);
    let service = password_policy::operations(service);
    let service = policies::operations(service);
    let service = reports::operations(service);
    let service = roles::operations(service);
    let service = saml_providers::operations(service);
    let service = server_certificates::operations(service);
    let service = service_credentials::operations(service);
    let service = service_linked_roles::operations(service);
    let service = signing_certificates::operations(service);
    let service = ssh_keys::operations(service);
    let service = simulation::operations(service);
    users::operations(service)
}
