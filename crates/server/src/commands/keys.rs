//! `strongroom keys`: what a person asks of KMS, through its API like any other client.

mod export;
mod seed;
mod seed_file;

use serde_json::{Value, json};
use zeroize::Zeroizing;

use super::{block_on, print, say};
use crate::cli::{KeysCommand, ServerOptions};
use crate::client::{CallError, Client, KMS};
use crate::exit::Failure;
use crate::settings;

/// Runs a command.
pub(super) fn run(command: &KeysCommand) -> Result<(), Failure> {
    block_on(async {
        match command {
            KeysCommand::List(server) => list(&client(server, "")?).await,
            KeysCommand::ExportPublic {
                key_id,
                format,
                output,
                server,
            } => {
                let client = client(server, key_id)?;
                export::run(&client, key_id, *format, output.as_deref()).await
            }
            KeysCommand::Seed { file, server } => seed::run(file, server).await,
        }
    })
}

/// A client for the region of `key`, if that is an ARN.
pub(super) fn client(options: &ServerOptions, key: &str) -> Result<Client, Failure> {
    let target = settings::target(options, KMS)?;
    let region = settings::region_for(target.region, key);
    Client::new(target.endpoint, region)
}

/// Prints the ARNs of all keys of the account and region, each with its aliases.
async fn list(client: &Client) -> Result<(), Failure> {
    let keys = pages(client, "ListKeys", "Keys").await?;
    let aliases = pages(client, "ListAliases", "Aliases").await?;
    let mut lines = String::new();
    for key in &keys {
        lines.push_str(text(key, "KeyArn"));
        let id = text(key, "KeyId");
        for alias in &aliases {
            if text(alias, "TargetKeyId") == id {
                lines.push('\t');
                lines.push_str(text(alias, "AliasName"));
            }
        }
        lines.push('\n');
    }
    print(lines.as_bytes())
}

/// All entries of a list that comes in pages.
async fn pages(client: &Client, operation: &str, member: &str) -> Result<Vec<Value>, CallError> {
    let mut entries = Vec::new();
    let mut marker = None;
    loop {
        let input = match marker.take() {
            Some(marker) => json!({ "Marker": marker }),
            None => json!({}),
        };
        let mut page = call(client, operation, &input).await?;
        if let Some(Value::Array(more)) = page.get_mut(member).map(Value::take) {
            entries.extend(more);
        }
        match page.get_mut("NextMarker").map(Value::take) {
            Some(next @ Value::String(_)) => marker = Some(next),
            _ => return Ok(entries),
        }
    }
}

/// Calls an operation of KMS.
pub(super) async fn call(
    client: &Client,
    operation: &str,
    input: &Value,
) -> Result<Value, CallError> {
    let input = Zeroizing::new(input.to_string().into_bytes());
    let answer = client.call(KMS, operation, input).await?;
    match answer.is_empty() {
        true => Ok(Value::Null),
        false => serde_json::from_slice(&answer)
            .map_err(|_| CallError::Unreachable("the server's answer is malformed".to_owned())),
    }
}

fn text<'v>(value: &'v Value, member: &str) -> &'v str {
    value
        .get(member)
        .and_then(Value::as_str)
        .unwrap_or_default()
}
