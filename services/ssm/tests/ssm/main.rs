//! Parameter Store through the whole pipeline.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::needless_pass_by_value,
    clippy::panic,
    reason = "this is all test code: a surprise fails the test"
)]

mod by_the_clock;
mod hierarchy;
mod house;
mod parameters;
mod permissions;
mod public;
mod settings;
mod sharing;
mod texts;
