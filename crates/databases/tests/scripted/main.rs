//! Servers that say what a test has them say: hostile ones, and those of kinds that cannot be had.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "this is all test code: a surprise fails the test"
)]

mod hostile;
mod mysql;
mod network;
mod postgres;
mod redis;
mod sqlserver;
mod tls;
