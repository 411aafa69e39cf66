//! EventBridge with Amazon SQS and Amazon SNS: queues and topics as targets, and queues for what targets do not take.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "this is all test code: a surprise fails the test"
)]

mod dead_letters;
mod house;
mod keys;
mod queues;
mod topics;
