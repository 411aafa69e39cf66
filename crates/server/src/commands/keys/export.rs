//! `strongroom keys export-public`.

use std::path::Path;

use serde_json::json;
use wire::pem;

use super::{call, print, text};
use crate::cli::PublicKeyFormat;
use crate::client::Client;
use crate::exit::Failure;

/// Writes the public key of a key pair.
pub(super) async fn run(
    client: &Client,
    key_id: &str,
    format: PublicKeyFormat,
    output: Option<&Path>,
) -> Result<(), Failure> {
    let answer = call(client, "GetPublicKey", &json!({ "KeyId": key_id })).await?;
    let malformed = || Failure::failed("the server's answer holds no public key");
    let spki = pem::decoded(text(&answer, "PublicKey")).ok_or_else(malformed)?;
    let bytes = match format {
        PublicKeyFormat::Pem => (pem::encoded("PUBLIC KEY", &spki) + "\n").into_bytes(),
        PublicKeyFormat::Der => spki,
        PublicKeyFormat::Jwk => {
            let mut members = crypto::public_jwk(&spki).ok_or_else(|| {
                let spec = text(&answer, "KeySpec");
                let said = format!("there is no JWK of a {spec} key; use --format pem or der");
                Failure::failed(said)
            })?;
            let arn = text(&answer, "KeyId");
            members.push(("kid", arn.rsplit('/').next().unwrap_or_default().to_owned()));
            let is_for_signatures = text(&answer, "KeyUsage") == "SIGN_VERIFY";
            let purpose = if is_for_signatures { "sig" } else { "enc" };
            members.push(("use", purpose.to_owned()));
            let members = members.into_iter();
            let jwk = members.map(|(name, value)| (name.to_owned(), value.into()));
            let jwk = serde_json::Value::Object(jwk.collect());
            format!("{jwk}\n").into_bytes()
        }
    };
    match output {
        None => print(&bytes),
        Some(path) => std::fs::write(path, bytes).map_err(|error| {
            Failure::failed(format!("cannot write `{}`: {error}", path.display()))
        }),
    }
}
