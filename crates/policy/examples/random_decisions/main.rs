//! Random requests with random policies, and how the engine decides them: one
//! JSON object a line, for another evaluator to decide too.
//!
//! `cargo run -p policy --example random_decisions -- <sets> <seed>`

mod documents;
mod random;
mod requests;
mod writer;

use documents::Documents;
use random::Random;
use requests::Asked;
use serde_json::json;
use std::error::Error;
use std::io::{BufWriter, Write as _};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let mut number = || arguments.next().ok_or("usage: <sets> <seed>");
    let (sets, seed): (u64, u64) = (number()?.parse()?, number()?.parse()?);
    let mut output = BufWriter::new(std::io::stdout().lock());
    for set in 0..sets {
        let mut random = Random::new(seed, set);
        let asked = Asked::draw(&mut random);
        let documents = Documents::draw(&mut random, &asked);
        let parsed = documents.parse()?;
        let (outcome, layer) = parsed.decide(&asked);
        let line = json!({
            "set": set,
            "request": asked.describe(),
            "policies": documents.describe(),
            "ours": outcome,
            "layer": layer,
        });
        writeln!(output, "{line}")?;
    }
    output.flush()?;
    Ok(())
}
