//! The program `strongroom`.

use std::process::ExitCode;

/// A call makes many small allocations, some of which another thread frees (decision 7).
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    server::commands::run()
}
