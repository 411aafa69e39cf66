//! Parameter Store through the whole pipeline.

#![expect(
    clippy::indexing_slicing,
    reason = "this is all test code: a surprise fails the test"
)]

mod by_the_clock;
mod hierarchy;
mod house;
mod parameters;
mod permissions;
mod secrets;
mod settings;
mod sharing;
