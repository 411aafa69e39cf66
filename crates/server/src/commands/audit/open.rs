//! `strongroom audit open`: a file of a trail, decrypted and decompressed. KMS is asked for the data
//! key as whoever calls, so that the key's policy decides about readers.

use std::collections::BTreeMap;
use std::fs;
use std::io::Read as _;
use std::path::Path;

use crypto::DataKey;
use flate2::read::MultiGzDecoder;
use serde_json::{Value, json};
use wire::pem;

use crate::cli::ServerOptions;
use crate::commands::{keys, print};
use crate::exit::Failure;
use crate::trail_directory::metadata_of;

/// What is beside the file, where it is encrypted.
type Metadata = BTreeMap<String, String>;

/// Prints the file.
pub(super) async fn run(path: &Path, server: &ServerOptions) -> Result<(), Failure> {
    let said = |error| Failure::failed(format!("cannot read `{}`: {error}", path.display()));
    // What the file was sealed as is known by where it is.
    let path = &path.canonicalize().map_err(said)?;
    let mut body = fs::read(path).map_err(said)?;
    if let Some(metadata) = metadata(path)?.filter(|it| it.contains_key("encryption-data-key")) {
        let key = data_key(&metadata, server).await?;
        body = unsealed(&key, path, &body).ok_or_else(|| {
            Failure::failed(format!(
                "`{}` is not what the trail has sealed: it was changed, or moved out of its \
                 bucket's folder",
                path.display()
            ))
        })?;
    }
    let mut text = Vec::new();
    let mut decoder = MultiGzDecoder::new(body.as_slice());
    let decoded = decoder.read_to_end(&mut text);
    decoded.map_err(|_| Failure::failed(format!("`{}` is no file of a trail", path.display())))?;
    text.push(b'\n');
    print(&text)
}

fn metadata(path: &Path) -> Result<Option<Metadata>, Failure> {
    let beside = metadata_of(path);
    let said = |error: &dyn std::fmt::Display| {
        Failure::failed(format!("cannot read `{}`: {error}", beside.display()))
    };
    match fs::read(&beside) {
        Ok(text) => serde_json::from_slice(&text)
            .map(Some)
            .map_err(|it| said(&it)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(said(&error)),
    }
}

/// The data key, from KMS.
async fn data_key(metadata: &Metadata, server: &ServerOptions) -> Result<DataKey, Failure> {
    let incomplete = || Failure::failed("the file's metadata is incomplete");
    let member = |name: &str| metadata.get(name).ok_or_else(incomplete);
    let blob = unhex(member("encryption-data-key")?).ok_or_else(incomplete)?;
    let client = keys::client(server, member("encryption-key-id")?)?;
    let input = json!({
        "CiphertextBlob": pem::base64(&blob),
        "EncryptionContext": { "aws:cloudtrail:arn": member("encryption-trail")? },
    });
    let answer = keys::call(&client, "Decrypt", &input).await?;
    let plaintext = answer.get("Plaintext").and_then(Value::as_str);
    let plaintext = plaintext
        .and_then(pem::decoded)
        .map(zeroize::Zeroizing::new);
    let key = plaintext.and_then(|plaintext| DataKey::new(&plaintext));
    key.ok_or_else(|| Failure::failed("the server's answer holds no data key"))
}

/// The contents of a file that was sealed as `BUCKET/KEY`, which are the last parts of its path.
fn unsealed(key: &DataKey, path: &Path, body: &[u8]) -> Option<Vec<u8>> {
    let path = path.to_str()?;
    let mut places = path
        .match_indices('/')
        .filter_map(|(at, _)| path.get(at + 1..));
    places.find_map(|place| Some(key.open(place.as_bytes(), body).ok()?.to_vec()))
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let digits = text.as_bytes().chunks(2).map(str::from_utf8);
    digits
        .map(|pair| u8::from_str_radix(pair.ok()?, 16).ok())
        .collect()
}
