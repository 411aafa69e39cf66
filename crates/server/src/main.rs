//! The program `strongroom`.

use std::process::ExitCode;

/// A call makes some two hundred small allocations, most of which other threads free.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    server::commands::run()
}
