//! EventBridge with Amazon SQS: queues as targets, and for what targets do not take.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "this is all test code: a surprise fails the test"
)]

mod dead_letters;
mod house;
mod queues;
