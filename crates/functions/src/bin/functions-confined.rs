//! The confined stage by itself, which tests start in the server's place.

use std::process::ExitCode;

fn main() -> ExitCode {
    let stage = std::env::args().nth(1);
    functions::confined(stage.as_deref())
}
