//! `cargo xtask tidy`: the walls of the house hold.

mod advisories;
mod dependencies;
mod files;

use anyhow::{Result, bail};

use crate::workspace;

/// Checks dependency direction, the "only" rules, the habits of files and the map of advisories;
/// lists every breach.
pub(crate) fn run() -> Result<()> {
    let root = workspace::root();
    let mut breaches = dependencies::breaches(&dependencies::packages()?);
    breaches.extend(files::breaches(&root)?);
    breaches.extend(advisories::breaches(&root)?);
    if breaches.is_empty() {
        return Ok(());
    }
    bail!(
        "{} breaches of the house rules:\n  {}",
        breaches.len(),
        breaches.join("\n  ")
    );
}
