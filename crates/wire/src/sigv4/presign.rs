//! Credentials in the query of a presigned URL.

use super::encoding::{Plus, percent_decoded};
use super::error::SignatureError;

/// Seven days, the longest that a presigned URL may be good for.
const MAX_EXPIRES_SECS: u32 = 604_800;

/// The parameters that were found, decoded.
#[derive(Default)]
pub(super) struct QueryCredentials {
    /// The parameter found first, for texts.
    pub(super) first_name: &'static str,
    algorithm: Option<String>,
    credential: Option<String>,
    signature: Option<String>,
    signed_headers: Option<String>,
    date: Option<String>,
    expires: Option<String>,
    session_token: Option<String>,
    region_set: Option<String>,
    content_sha256: Option<String>,
}

/// All that a presigned URL must have.
pub(super) struct CompleteQueryCredentials {
    pub(super) algorithm: String,
    pub(super) credential: String,
    pub(super) signature: String,
    pub(super) signed_headers: String,
    pub(super) date: String,
    pub(super) expires_secs: u32,
    pub(super) session_token: Option<String>,
    pub(super) region_set: Option<String>,
    pub(super) content_sha256: Option<String>,
}

impl QueryCredentials {
    /// Looks for credentials. Any one parameter of a signature makes the query a signed one, so
    /// that half a signature is an error rather than an anonymous request.
    pub(super) fn read(query: &str) -> Result<Option<Self>, SignatureError> {
        if query.is_empty() {
            return Ok(None);
        }
        let mut found = Self::default();
        for pair in query.split('&') {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let Some((name, slot)) = found.slot(name) else {
                continue;
            };
            if slot.is_some() {
                return Err(SignatureError::Repeated {
                    name: name.to_owned(),
                });
            }
            let value = String::from_utf8(percent_decoded(value, Plus::Space).collect())
                .map_err(|_| SignatureError::NotText { name })?;
            *slot = Some(value);
            if found.first_name.is_empty() {
                found.first_name = name;
            }
        }
        Ok((!found.first_name.is_empty()).then_some(found))
    }

    fn slot(&mut self, name: &str) -> Option<(&'static str, &mut Option<String>)> {
        // Nothing shorter decodes to a parameter of ours, and most queries have none.
        if name.len() < "X-Amz-Date".len() {
            return None;
        }
        let decoded: Vec<u8> = percent_decoded(name, Plus::Space).collect();
        Some(match decoded.as_slice() {
            b"X-Amz-Algorithm" => ("X-Amz-Algorithm", &mut self.algorithm),
            b"X-Amz-Credential" => ("X-Amz-Credential", &mut self.credential),
            b"X-Amz-Signature" => ("X-Amz-Signature", &mut self.signature),
            b"X-Amz-SignedHeaders" => ("X-Amz-SignedHeaders", &mut self.signed_headers),
            b"X-Amz-Date" => ("X-Amz-Date", &mut self.date),
            b"X-Amz-Expires" => ("X-Amz-Expires", &mut self.expires),
            b"X-Amz-Security-Token" => ("X-Amz-Security-Token", &mut self.session_token),
            b"X-Amz-Region-Set" => ("X-Amz-Region-Set", &mut self.region_set),
            b"X-Amz-Content-Sha256" => ("X-Amz-Content-Sha256", &mut self.content_sha256),
            _ => return None,
        })
    }

    /// Insists on everything that a signature needs.
    pub(super) fn complete(self) -> Result<CompleteQueryCredentials, SignatureError> {
        let mut sentences = String::new();
        let mut need = |name: &str, value: Option<String>| {
            let value = value.unwrap_or_default();
            if value.is_empty() {
                sentences.push_str(&format!(
                    "AWS query-string parameters must include '{name}'. "
                ));
            }
            value
        };
        let algorithm = need("X-Amz-Algorithm", self.algorithm);
        let credential = need("X-Amz-Credential", self.credential);
        let signature = need("X-Amz-Signature", self.signature);
        let signed_headers = need("X-Amz-SignedHeaders", self.signed_headers);
        let date = need("X-Amz-Date", self.date);
        let expires = need("X-Amz-Expires", self.expires);
        if !sentences.is_empty() {
            return Err(SignatureError::MissingQueryParameters { sentences });
        }
        Ok(CompleteQueryCredentials {
            algorithm,
            credential,
            signature,
            signed_headers,
            date,
            expires_secs: parse_expires(&expires)?,
            session_token: self.session_token,
            region_set: self.region_set,
            content_sha256: self.content_sha256,
        })
    }
}

fn parse_expires(text: &str) -> Result<u32, SignatureError> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(SignatureError::ExpiresNotNumber);
    }
    if digits.len() < text.len() {
        return Err(SignatureError::ExpiresNotPositive);
    }
    match digits.parse() {
        Ok(0) => Err(SignatureError::ExpiresNotPositive),
        Ok(seconds @ 1..=MAX_EXPIRES_SECS) => Ok(seconds),
        // Digits alone fail to parse only when they are too many.
        Ok(_) | Err(_) => Err(SignatureError::ExpiresTooLong),
    }
}
