//! AWS Organizations with IAM, STS and KMS behind one pipeline: who is in which organization, and
//! what that lets everybody do.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "this is all test code: a surprise fails the test"
)]

mod accounts;
mod binding;
mod closing;
mod delegation;
mod features;
mod house;
mod invitations;
mod isolation;
mod management_policies;
mod permissions;
mod policies;
mod reports;
mod root_access;
mod root_sessions;
mod trails;
mod units;
