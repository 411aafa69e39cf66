//! Secrets Manager beside KMS, through the whole pipeline.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::needless_pass_by_value,
    reason = "this is all test code: a surprise fails the test"
)]

mod cross_account;
mod deleting;
mod encryption;
mod house;
mod lists;
mod managed_rotation;
mod passwords;
mod permissions;
mod policies;
mod references;
mod replication;
mod replication_roles;
mod rotating;
mod rotation_faults;
mod rotation_schedules;
mod texts;
mod versions;
