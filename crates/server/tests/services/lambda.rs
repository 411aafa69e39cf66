//! Lambda with KMS and the roles of IAM: its control plane, and functions that run.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
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
