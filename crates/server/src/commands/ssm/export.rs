//! `strongroom ssm export`.

use super::super::files::write;
use super::super::{print, say};
use super::parameters::{self, Scope};
use crate::cli::ExportOptions;
use crate::client::SSM;
use crate::exit::Failure;
use crate::settings;
use crate::values::Format;

/// Writes the parameters below a path.
pub(super) async fn run(options: &ExportOptions) -> Result<(), Failure> {
    let scope = Scope::new(&options.path, options.paths)?;
    let named = options.output.as_deref().and_then(Format::of);
    let format = options.format.or(named).unwrap_or(Format::Dotenv);
    let client = settings::client(&options.server, SSM)?;
    let entries = parameters::entries(&client, &scope).await?;
    let text = format
        .write(&entries, options.types)
        .map_err(Failure::failed)?;
    match &options.output {
        None => print(text.as_bytes())?,
        Some(path) => write(path, text.as_bytes())?,
    }
    say(&format!("{} parameters", entries.len()));
    Ok(())
}
