//! IAM through the whole pipeline: signed requests in, AWS's answers out.

#![expect(clippy::unwrap_used, reason = "a test stops where it cannot go on")]

mod access_keys;
mod account;
mod at_rest;
mod credential_permissions;
mod credential_report;
mod credential_secrets;
mod credentials;
mod documented_permissions;
mod groups;
mod house;
mod instance_profiles;
mod keys;
mod last_used;
mod login_profiles;
mod managed_policies;
mod mfa;
mod operator;
mod permissions;
mod providers;
mod reports;
mod role_permissions;
mod roles;
mod service_linked_roles;
mod simulation;
mod start;
mod user_changes;
mod user_policies;
mod users;
