//! EventBridge with other services: queues, topics, functions and API destinations as targets, with
//! the secrets of connections, and queues for what targets do not take.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "this is all test code: a surprise fails the test"
)]

mod api_destinations;
mod calls;
mod connections;
mod dead_letters;
mod functions;
mod house;
mod keys;
mod queues;
mod topics;
