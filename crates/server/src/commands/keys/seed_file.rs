//! The file of `strongroom keys seed`: TOML, or JSON if its name ends in `.json`.

use std::path::Path;

use serde::Deserialize;
use wire::pem;
use zeroize::Zeroizing;

use crate::exit::Failure;

/// The whole file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SeedFile {
    /// The keys, `[[key]]` in TOML.
    #[serde(default)]
    pub(super) key: Vec<SeedKey>,
}

/// One key.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SeedKey {
    /// The id: a UUID.
    pub(super) id: String,
    /// The account; that of the credentials, if none.
    pub(super) account: Option<String>,
    /// The region; that of the command, if none.
    pub(super) region: Option<String>,
    /// The key spec; a symmetric encryption key, if none.
    pub(super) spec: Option<String>,
    /// The key usage; what AWS takes by itself, if none.
    pub(super) usage: Option<String>,
    /// The material: base64, `hex:` and hexadecimal digits, or PKCS#8 in PEM.
    pub(super) material: Option<String>,
    /// The description.
    pub(super) description: Option<String>,
    /// The key policy, JSON in a text.
    pub(super) policy: Option<String>,
    /// Tags.
    #[serde(default)]
    pub(super) tags: std::collections::BTreeMap<String, String>,
    /// Aliases, with or without `alias/`.
    #[serde(default)]
    pub(super) aliases: Vec<String>,
}

/// Reads the file. An error names the line, or the key and the field.
pub(super) fn read(path: &Path) -> Result<SeedFile, Failure> {
    let shown = path.display();
    let refuse =
        |error: &dyn std::fmt::Display| Failure::usage(format!("cannot use `{shown}`: {error}"));
    let text = std::fs::read_to_string(path).map_err(|error| refuse(&error))?;
    let text = Zeroizing::new(text);
    let file: SeedFile = match path.extension().is_some_and(|name| name == "json") {
        true => serde_json::from_str(&text).map_err(|error| refuse(&error))?,
        // The whole error would show the line, with the material that may stand there.
        false => toml::from_str(&text).map_err(|error| {
            let before = error.span().and_then(|span| text.get(..span.start));
            let line = before.unwrap_or_default().matches('\n').count() + 1;
            refuse(&format!("line {line}: {}", error.message()))
        })?,
    };
    for key in &file.key {
        key.check().map_err(|error| refuse(&error))?;
    }
    Ok(file)
}

impl SeedKey {
    fn check(&self) -> Result<(), String> {
        let wrong = |field: &str, what: &str| format!("key `{}`, field `{field}`: {what}", self.id);
        let groups = self.id.split('-');
        let is_lower_hex = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        let is_id = groups.clone().map(str::len).eq([8, 4, 4, 4, 12])
            && groups.clone().all(|group| group.bytes().all(is_lower_hex));
        if !is_id {
            return Err(wrong("id", "it is no UUID in lower case"));
        }
        let is_account =
            |id: &String| id.len() == 12 && id.bytes().all(|byte| byte.is_ascii_digit());
        if self.account.as_ref().is_some_and(|id| !is_account(id)) {
            return Err(wrong("account", "it is not 12 digits"));
        }
        if self.material.is_some() && self.material().is_none() {
            return Err(wrong(
                "material",
                "it is neither base64, nor hex: with digits, nor PKCS#8 in PEM",
            ));
        }
        if let Some(policy) = &self.policy {
            serde_json::from_str::<serde_json::Value>(policy)
                .map_err(|error| wrong("policy", &format!("it is no JSON: {error}")))?;
        }
        Ok(())
    }

    /// The bytes of the material; none, if there is none or it cannot be read.
    pub(super) fn material(&self) -> Option<Zeroizing<Vec<u8>>> {
        let text = self.material.as_deref()?.trim();
        if text.starts_with("-----BEGIN ") {
            let block = pem::blocks(text).ok()?.into_iter().next()?;
            return (block.label == "PRIVATE KEY").then_some(block.der);
        }
        let bytes = match text.strip_prefix("hex:") {
            Some(digits) => hex(digits),
            None => pem::decoded(text),
        };
        bytes.filter(|bytes| !bytes.is_empty()).map(Zeroizing::new)
    }

    /// The aliases, with `alias/`.
    pub(super) fn aliases(&self) -> impl Iterator<Item = String> {
        self.aliases
            .iter()
            .map(|name| match name.strip_prefix("alias/") {
                Some(_) => name.clone(),
                None => format!("alias/{name}"),
            })
    }
}

fn hex(digits: &str) -> Option<Vec<u8>> {
    let pairs = digits.as_bytes().chunks(2);
    let byte = |pair: &[u8]| match pair {
        [high, low] => {
            let value = |digit: u8| char::from(digit).to_digit(16);
            u8::try_from(value(*high)? * 16 + value(*low)?).ok()
        }
        _ => None,
    };
    pairs.map(byte).collect()
}
