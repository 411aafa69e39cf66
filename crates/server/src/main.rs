//! The program `strongroom`.
fn main() {}
