//! The pipeline from outside: services made for one test each, over the tables of real ones.
//! What is tested is what holds for every service, whatever its handlers do.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "this is all test code: a surprise fails the test"
)]

mod auth_off;
mod canaries;
mod conflicts;
mod deliveries;
mod house;
mod identities;
mod randomness;
mod recording;
mod rest;
mod routing;
mod service_calls;
mod spoofing;
mod tripwire;
mod unavailable;
