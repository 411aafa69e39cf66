//! `strongroom secrets export`.

use crypto::Secret;
use wire::pem;

use super::super::progress::Progress;
use super::super::{files, print, say};
use super::calls::{self, Content};
use super::object::Object;
use super::{BINARY, beginning, directory};
use crate::cli::SecretsExportOptions;
use crate::client::{Client, SECRETS_MANAGER};
use crate::exit::Failure;
use crate::settings;
use crate::values::{Entry, Format};

/// Writes secrets, or the keys of one.
pub(super) async fn run(options: &SecretsExportOptions) -> Result<(), Failure> {
    let client = settings::client(&options.server, SECRETS_MANAGER)?;
    let (values, what) = match &options.secret {
        Some(secret) => (keys(&client, secret).await?, "keys"),
        None => {
            let prefix = options.prefix.as_deref().unwrap_or_default();
            (below(&client, &beginning(prefix)).await?, "secrets")
        }
    };
    let count = values.len();
    match &options.directory {
        Some(place) => {
            for (name, content) in &values {
                directory::write(place, name, content)?;
            }
        }
        None => write(values, options)?,
    }
    say(&format!("{count} {what}"));
    Ok(())
}

/// The secrets whose names begin so, by what follows.
async fn below(client: &Client, beginning: &str) -> Result<Vec<(String, Content)>, Failure> {
    let names = calls::names(client, beginning).await?;
    let progress = Progress::of(names.len());
    let mut values = Vec::new();
    for (done, name) in names.iter().enumerate() {
        progress.tell(done);
        let relative = name.strip_prefix(beginning).unwrap_or(name);
        match calls::value(client, name).await {
            Ok(found) => values.push((relative.to_owned(), found.content)),
            Err(error) if error.is_absence() => {
                progress.end();
                say(&format!("`{name}` has no value and is left out"));
            }
            Err(error) => {
                progress.end();
                let failure = Failure::from(error);
                return Err(Failure {
                    exit: failure.exit,
                    message: format!("`{name}`: {}", failure.message),
                });
            }
        }
    }
    progress.end();
    Ok(values)
}

/// The keys of a secret that is an object.
async fn keys(client: &Client, secret: &str) -> Result<Vec<(String, Content)>, Failure> {
    let found = calls::value(client, secret).await?;
    let object = match &found.content {
        Content::Text(text) => Object::of(text.expose()),
        Content::Binary(_) => None,
    };
    let object = object.ok_or_else(|| {
        Failure::failed(format!(
            "`{secret}` is no JSON object: name the secret's prefix instead"
        ))
    })?;
    let entries = object.entries().map_err(|key| {
        Failure::failed(format!(
            "`{key}` of `{secret}` is neither text, number nor boolean"
        ))
    })?;
    let values = entries.into_iter();
    Ok(values
        .map(|entry| (entry.name, Content::Text(entry.value)))
        .collect())
}

fn write(values: Vec<(String, Content)>, options: &SecretsExportOptions) -> Result<(), Failure> {
    let entries: Vec<Entry> = values.into_iter().map(entry).collect();
    let named = options.output.as_deref().and_then(Format::of);
    let format = options.format.or(named).unwrap_or(Format::Dotenv);
    let binary = entries.iter().find(|entry| entry.kind.is_some());
    if let (Format::Dotenv, Some(binary)) = (format, binary) {
        return Err(Failure::failed(format!(
            "`{}` is binary, which a dotenv file has no place for: write json or yaml, or a --directory",
            binary.name
        )));
    }
    let text = format.write(&entries, binary.is_some());
    let text = text.map_err(Failure::failed)?;
    match &options.output {
        None => print(text.as_bytes()),
        Some(path) => files::write(path, text.as_bytes()),
    }
}

fn entry((name, content): (String, Content)) -> Entry {
    let (value, kind) = match content {
        Content::Text(text) => (text, None),
        Content::Binary(bytes) => {
            let text = Secret::new(pem::base64(bytes.expose()));
            (text, Some(BINARY.to_owned()))
        }
    };
    Entry { name, value, kind }
}
