//! The program `strongroom`.

use std::process::ExitCode;

fn main() -> ExitCode {
    server::commands::run()
}
