//! Parameter Store through the whole pipeline.

#![expect(
    clippy::indexing_slicing,
    reason = "this is all test code: a surprise fails the test"
)]

mod hierarchy;
mod house;
mod parameters;
mod secrets;
