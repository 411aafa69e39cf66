//! EventBridge with other services: queues, topics and functions as targets, and queues for what
//! targets do not take.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "this is all test code: a surprise fails the test"
)]

mod calls;
mod dead_letters;
mod functions;
mod house;
mod keys;
mod queues;
mod topics;
