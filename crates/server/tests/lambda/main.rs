//! Lambda's control plane with KMS and IAM's roles.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "this is all test code: a surprise fails the test"
)]

mod aliases;
mod destinations;
mod environments;
mod functions;
mod house;
mod invoke_async;
mod layer_code;
mod layers;
mod packages;
mod permissions;
mod policies;
mod running;
mod services;
mod versions;
mod warm;
