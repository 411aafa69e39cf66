//! Amazon SNS through the whole pipeline.

#![expect(
    clippy::indexing_slicing,
    reason = "this is all test code: a surprise fails the test"
)]

mod attacks;
mod encryption;
mod fifo;
mod functions;
mod house;
mod permissions;
mod publishing;
mod subscriptions;
mod texts;
mod topics;
mod web;
