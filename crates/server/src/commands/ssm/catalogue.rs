//! `strongroom ssm catalogue`: public parameters, from AWS to a file and from a file to a server.

use std::io::Write as _;
use std::path::Path;

use flate2::Compression;
use flate2::write::GzEncoder;
use platform::{Clock as _, SystemClock};
use serde_json::{Value, json};
use ssm::Catalogue;
use wire::pem;

use super::super::files::contents;
use super::super::{print, say};
use super::parameters;
use crate::cli::{CatalogueCommand, ServerOptions};
use crate::client::{SSM, SSM_OPERATOR};
use crate::exit::Failure;
use crate::settings;

/// Runs a command.
pub(super) async fn run(command: &CatalogueCommand) -> Result<(), Failure> {
    match command {
        CatalogueCommand::Import {
            file,
            dry_run,
            server,
        } => import(file, *dry_run, server).await,
        CatalogueCommand::Fetch {
            path,
            output,
            server,
        } => fetch(path, output.as_deref(), server).await,
    }
}

async fn import(file: &Path, dry_run: bool, server: &ServerOptions) -> Result<(), Failure> {
    let text = contents(file)?;
    let catalogue = Catalogue::parse(&text)
        .map_err(|what| Failure::failed(format!("`{}`, {what}", file.display())))?;
    if !dry_run {
        let client = settings::client(server, SSM_OPERATOR)?;
        let input = json!({ "Catalogue": pem::base64(&packed(&text)?) });
        let body = parameters::body(&input)?;
        client
            .call(SSM_OPERATOR, "ImportParameterCatalogue", body)
            .await?;
    }
    say(&format!("{} public parameters", catalogue.len()));
    Ok(())
}

/// A call holds a mebibyte, and catalogues repeat themselves.
fn packed(text: &str) -> Result<Vec<u8>, Failure> {
    let mut packer = GzEncoder::new(Vec::new(), Compression::best());
    let packed = packer
        .write_all(text.as_bytes())
        .and_then(|()| packer.finish());
    packed.map_err(|error| Failure::failed(format!("cannot compress the catalogue: {error}")))
}

async fn fetch(
    paths: &[String],
    output: Option<&Path>,
    server: &ServerOptions,
) -> Result<(), Failure> {
    let client = settings::client(server, SSM)?;
    let mut found = Vec::new();
    for path in paths {
        for parameter in parameters::below(&client, path, true).await? {
            found.push(json!({
                "name": parameter.name,
                "region": client.region(),
                "value": parameter.value,
                "type": parameter.kind,
                "data_type": parameter.data_type,
                "version": parameter.version,
                "modified": parameter.last_modified_date,
                "source": "server",
            }));
        }
        say(&format!("{} parameters, through `{path}`", found.len()));
    }
    let day = SystemClock.now().millis / 1000;
    let source = format!(
        "answered by {} at {day} seconds since 1970",
        client.endpoint()
    );
    let file = json!({ "sources": { "server": source }, "parameters": found });
    let text = written(&file);
    Catalogue::parse(&text)
        .map_err(|what| Failure::failed(format!("this is no catalogue: {what}")))?;
    match output {
        None => print(text.as_bytes()),
        Some(path) => std::fs::write(path, text).map_err(|error| {
            Failure::failed(format!("cannot write `{}`: {error}", path.display()))
        }),
    }
}

/// The file, a line for each parameter.
fn written(file: &Value) -> String {
    let entries = file.get("parameters").and_then(Value::as_array);
    let lines = entries
        .into_iter()
        .flatten()
        .map(|entry| format!("    {entry}"));
    let lines: Vec<String> = lines.collect();
    let sources = file.get("sources").cloned().unwrap_or_default();
    format!(
        "{{\n  \"sources\": {sources},\n  \"parameters\": [\n{}\n  ]\n}}\n",
        lines.join(",\n")
    )
}
