//! EventBridge through the whole pipeline. What happened to an event, archives tell.

#![expect(
    clippy::indexing_slicing,
    reason = "this is all test code: a surprise fails the test"
)]

mod buses;
mod fan_out;
mod functions;
mod house;
mod patterns;
mod permissions;
mod routing;
mod rules;
mod sources;
mod texts;
mod waiting;
