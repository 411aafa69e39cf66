//! Parameter Store beside KMS, through the whole pipeline.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "this is all test code: a surprise fails the test"
)]

mod filters;
mod house;
mod references;
mod secret_references;
mod secrets;
