//! The grammar of the `Authorization` header:
//! `AWS4-HMAC-SHA256 Credential=.., SignedHeaders=.., Signature=..`

use aws_lc_rs::digest;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use memchr::{memchr2, memchr3};

use super::error::SignatureError;

/// The header taken apart, everything there.
pub(super) struct AuthorizationHeader<'a> {
    pub(super) scheme: &'a str,
    pub(super) credential: &'a str,
    pub(super) signed_headers: &'a str,
    pub(super) signature: &'a str,
}

impl<'a> AuthorizationHeader<'a> {
    /// Takes the header apart. `has_date` says whether the request has a date to be signed with,
    /// since AWS lists a missing one among the missing parameters.
    pub(super) fn parse(value: &'a [u8], has_date: bool) -> Result<Self, SignatureError> {
        let text = str::from_utf8(value)
            .map_err(|_| SignatureError::NotText {
                name: "Authorization",
            })?
            .trim();
        let (scheme, parameters) = first_word(text).unwrap_or((text, ""));
        let found = Parameters::read(parameters, value)?;
        match (
            found.credential,
            found.signed_headers,
            found.signature,
            has_date,
        ) {
            (Some(credential), Some(signed_headers), Some(signature), true) => Ok(Self {
                scheme,
                credential,
                signed_headers,
                signature,
            }),
            _ => Err(found.missing(text, has_date)),
        }
    }
}

/// What was found; an empty value counts as none.
#[derive(Default)]
struct Parameters<'a> {
    credential: Option<&'a str>,
    signed_headers: Option<&'a str>,
    signature: Option<&'a str>,
}

impl<'a> Parameters<'a> {
    fn read(text: &'a str, header: &[u8]) -> Result<Self, SignatureError> {
        let mut found = Self::default();
        for word in words(text) {
            let (name, value, slot) = if let Some(value) = word.strip_prefix("Credential=") {
                ("Credential", value, &mut found.credential)
            } else if let Some(value) = word.strip_prefix("SignedHeaders=") {
                ("SignedHeaders", value, &mut found.signed_headers)
            } else if let Some(value) = word.strip_prefix("Signature=") {
                ("Signature", value, &mut found.signature)
            } else if word.contains('=') {
                continue;
            } else {
                return Err(SignatureError::NotKeyValue {
                    digest: STANDARD.encode(digest::digest(&digest::SHA256, header)),
                });
            };
            if slot.is_some() {
                return Err(SignatureError::Repeated {
                    name: name.to_owned(),
                });
            }
            *slot = Some(value).filter(|value| !value.is_empty());
        }
        Ok(found)
    }

    /// The error for what is not there. Of the header it repeats the scheme alone, and not even
    /// that where the header is one word, which may be somebody's token.
    fn missing(&self, header: &str, has_date: bool) -> SignatureError {
        let mut sentences = String::new();
        for (name, value) in [
            ("Credential", self.credential),
            ("Signature", self.signature),
            ("SignedHeaders", self.signed_headers),
        ] {
            if value.is_none() {
                sentences.push_str(&format!(
                    "Authorization header requires '{name}' parameter. "
                ));
            }
        }
        if !has_date {
            sentences.push_str(
                "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' \
                 header. ",
            );
        }
        let scheme = match first_word(header) {
            Some((scheme, _)) => scheme,
            None if header.starts_with("AWS4-") => header,
            None => "",
        };
        SignatureError::MissingHeaderParameters {
            sentences,
            scheme: scheme.to_owned(),
        }
    }
}

/// What stands before and after the first blank.
fn first_word(text: &str) -> Option<(&str, &str)> {
    let end = memchr2(b' ', b'\t', text.as_bytes())?;
    Some((text.get(..end)?, text.get(end + 1..)?))
}

/// What stands between commas and blanks.
fn words(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = Some(text);
    std::iter::from_fn(move || {
        let text = rest?;
        let Some(end) = memchr3(b',', b' ', b'\t', text.as_bytes()) else {
            return rest.take();
        };
        // A blank after the comma is no word: it need not be looked for.
        let after = text.get(end + 1..);
        rest = after.map(|after| after.strip_prefix(' ').unwrap_or(after));
        text.get(..end)
    })
    .filter(|word| !word.is_empty())
}
