//! Functions that run: real interpreters in real confinement.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "this is all test code: a surprise fails the test"
)]

mod attacks;
mod crash;
mod ends;
mod logs;
mod node;
mod pools;
mod provided;
mod python;
mod stage;
