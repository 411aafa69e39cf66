//! Amazon SQS through the whole pipeline.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "this is all test code: a surprise fails the test"
)]

mod dead_letters;
mod fifo;
mod fifo_model;
mod house;
mod messages;
mod permissions;
mod queues;
mod sweeping;
mod texts;
