//! What a request says about its own signature, read but not yet believed.

use http::HeaderName;
use http::header::{AUTHORIZATION, DATE};

use super::RequestHead;
use super::authorization::AuthorizationHeader;
use super::error::SignatureError;
use super::instant;
use super::pieces::pieces;
use super::presign::QueryCredentials;
use crate::value::Timestamp;

const X_AMZ_DATE: Known = Known::new("x-amz-date");
const X_AMZ_SECURITY_TOKEN: Known = Known::new("x-amz-security-token");
const X_AMZ_REGION_SET: Known = Known::new("x-amz-region-set");
const X_AMZ_CONTENT_SHA256: Known = Known::new("x-amz-content-sha256");

/// A header by its name: as errors show it, and as it is looked up.
struct Known {
    text: &'static str,
    name: HeaderName,
}

impl Known {
    const fn new(text: &'static str) -> Self {
        Self {
            text,
            name: HeaderName::from_static(text),
        }
    }
}

/// Who claims to have signed a request, and how. Nothing of it is proven before
/// [`Presented::check`] and [`Presented::verify`] have both succeeded.
pub struct Presented {
    /// The access key.
    pub access_key_id: String,
    /// The session token of temporary credentials.
    pub session_token: Option<String>,
    /// The date of the credential scope, `yyyymmdd`.
    pub date: String,
    /// The region of the credential scope; for `Algorithm::V4a` the region set, a list of
    /// regions with wildcards.
    pub region: String,
    /// The service of the credential scope, for example `kms`.
    pub service: String,
    /// When it says it was signed; whole seconds.
    pub signed_at: Timestamp,
    /// The algorithm.
    pub algorithm: Algorithm,
    /// Where the signature is.
    pub form: Form,
    /// The names of the signed headers: lower case, sorted, joined by `;`.
    pub(super) signed_headers: String,
    /// In hexadecimal.
    pub(super) signature: String,
    /// The credential without the access key.
    pub(super) scope: String,
    /// The last part of the scope.
    pub(super) terminator: String,
    /// `x-amz-content-sha256`.
    pub(super) content_sha256: Option<String>,
}

/// A signature algorithm.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Algorithm {
    /// `AWS4-HMAC-SHA256`: a secret shared for one region.
    V4,
    /// `AWS4-ECDSA-P256-SHA256`: a key pair, for a set of regions.
    V4a,
}

/// Where a signature is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// In the `Authorization` header.
    Header,
    /// In the query of a presigned URL.
    Query {
        /// For how long it is good, 1 second to 7 days.
        expires_secs: u32,
    },
}

impl Algorithm {
    pub(super) fn parse(name: &str) -> Result<Self, SignatureError> {
        match name {
            "AWS4-HMAC-SHA256" => Ok(Self::V4),
            "AWS4-ECDSA-P256-SHA256" => Ok(Self::V4a),
            _ => Err(SignatureError::UnsupportedAlgorithm {
                algorithm: name.to_owned(),
            }),
        }
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::V4 => "AWS4-HMAC-SHA256",
            Self::V4a => "AWS4-ECDSA-P256-SHA256",
        }
    }
}

/// Reads who claims to have signed. `Ok(None)`: neither header nor query hold credentials.
///
/// # Errors
///
/// Credentials that are incomplete, malformed, given twice or given in both places.
pub fn presented(head: &RequestHead<'_>) -> Result<Option<Presented>, SignatureError> {
    let query = QueryCredentials::read(head.query)?;
    let mut authorizations = head.headers.get_all(AUTHORIZATION).iter();
    match (authorizations.next(), authorizations.next(), query) {
        (None, _, None) => Ok(None),
        (Some(_), Some(_), _) => Err(SignatureError::RepeatedAuthorization),
        (Some(_), None, Some(query)) => Err(SignatureError::BothForms {
            parameter: query.first_name,
            header: "Authorization",
        }),
        (Some(value), None, None) => from_header(head, value.as_bytes()).map(Some),
        (None, _, Some(query)) => from_query(head, query).map(Some),
    }
}

fn from_header(head: &RequestHead<'_>, value: &[u8]) -> Result<Presented, SignatureError> {
    let has_date = head.headers.contains_key(X_AMZ_DATE.name) || head.headers.contains_key(DATE);
    let header = AuthorizationHeader::parse(value, has_date)?;
    let signed_at = signed_at(head)?;
    let algorithm = Algorithm::parse(header.scheme)?;
    let region_set = match algorithm {
        Algorithm::V4 => None,
        Algorithm::V4a => single_header(head, &X_AMZ_REGION_SET)?,
    };
    let claims = Claims {
        algorithm,
        form: Form::Header,
        credential: header.credential,
        signed_headers: header.signed_headers,
        signature: header.signature.to_owned(),
        signed_at,
        region_set,
        session_token: single_header(head, &X_AMZ_SECURITY_TOKEN)?,
        content_sha256: single_header(head, &X_AMZ_CONTENT_SHA256)?,
    };
    claims.accept(head)
}

fn from_query(
    head: &RequestHead<'_>,
    query: QueryCredentials,
) -> Result<Presented, SignatureError> {
    // A header that says again what the query says could say something else.
    for (parameter, header) in [
        ("X-Amz-Date", X_AMZ_DATE),
        ("X-Amz-Security-Token", X_AMZ_SECURITY_TOKEN),
        ("X-Amz-Region-Set", X_AMZ_REGION_SET),
    ] {
        if head.headers.contains_key(header.name) {
            let header = header.text;
            return Err(SignatureError::BothForms { parameter, header });
        }
    }
    let query = query.complete()?;
    let signed_at = instant::parse_basic(&query.date)
        .ok_or(SignatureError::MalformedDate { date: query.date })?;
    let claims = Claims {
        algorithm: Algorithm::parse(&query.algorithm)?,
        form: Form::Query {
            expires_secs: query.expires_secs,
        },
        credential: &query.credential,
        signed_headers: &query.signed_headers,
        signature: query.signature,
        signed_at,
        region_set: query.region_set,
        session_token: query.session_token,
        content_sha256: one_content_sha256(head, query.content_sha256)?,
    };
    claims.accept(head)
}

/// The digest that a presigned request declares, in its query or a header.
fn one_content_sha256(
    head: &RequestHead<'_>,
    in_query: Option<String>,
) -> Result<Option<String>, SignatureError> {
    match (single_header(head, &X_AMZ_CONTENT_SHA256)?, in_query) {
        (Some(_), Some(_)) => Err(SignatureError::BothForms {
            parameter: "X-Amz-Content-Sha256",
            header: X_AMZ_CONTENT_SHA256.text,
        }),
        (in_header, in_query) => Ok(in_header.or(in_query)),
    }
}

/// `X-Amz-Date`, which wins, or else `Date`.
fn signed_at(head: &RequestHead<'_>) -> Result<Timestamp, SignatureError> {
    let (date, parsed) = if let Some(date) = single_header(head, &X_AMZ_DATE)? {
        let parsed = instant::parse_basic(&date);
        (date, parsed)
    } else {
        let date = single_header(head, &Known::new("date"))?.unwrap_or_default();
        let parsed = instant::parse_basic(&date).or_else(|| instant::parse_http(&date));
        (date, parsed)
    };
    parsed.ok_or(SignatureError::MalformedDate { date })
}

/// The value of a header that may occur once at most.
fn single_header(head: &RequestHead<'_>, header: &Known) -> Result<Option<String>, SignatureError> {
    let name = header.text;
    let mut values = head.headers.get_all(&header.name).iter();
    let Some(value) = values.next() else {
        return Ok(None);
    };
    if values.next().is_some() {
        return Err(SignatureError::Repeated {
            name: name.to_owned(),
        });
    }
    let text = value
        .to_str()
        .map_err(|_| SignatureError::NotText { name })?;
    Ok(Some(text.trim().to_owned()))
}

/// What header and query have in common once they are taken apart.
struct Claims<'a> {
    algorithm: Algorithm,
    form: Form,
    credential: &'a str,
    signed_headers: &'a str,
    signature: String,
    signed_at: Timestamp,
    region_set: Option<String>,
    session_token: Option<String>,
    content_sha256: Option<String>,
}

impl Claims<'_> {
    fn accept(self, head: &RequestHead<'_>) -> Result<Presented, SignatureError> {
        let credential = Credential::parse(self.algorithm, self.credential)?;
        let region = match credential.region {
            Some(region) => region.to_owned(),
            None => self
                .region_set
                .ok_or_else(|| SignatureError::SignedHeaderAbsent {
                    name: X_AMZ_REGION_SET.text.to_owned(),
                })?,
        };
        Ok(Presented {
            access_key_id: credential.access_key_id.to_owned(),
            session_token: self.session_token,
            date: credential.date.to_owned(),
            region,
            service: credential.service.to_owned(),
            signed_at: self.signed_at,
            algorithm: self.algorithm,
            form: self.form,
            signed_headers: signed_headers(head, self.signed_headers)?,
            signature: self.signature,
            scope: credential.scope.to_owned(),
            terminator: credential.terminator.to_owned(),
            content_sha256: self.content_sha256,
        })
    }
}

/// `keyid/date/region/service/term`; a SigV4A credential has no region.
struct Credential<'a> {
    access_key_id: &'a str,
    scope: &'a str,
    date: &'a str,
    region: Option<&'a str>,
    service: &'a str,
    terminator: &'a str,
}

impl<'a> Credential<'a> {
    fn parse(algorithm: Algorithm, text: &'a str) -> Result<Self, SignatureError> {
        let shape = match algorithm {
            Algorithm::V4 => "keyid/date/region/service/term",
            Algorithm::V4a => "keyid/date/service/term",
        };
        Self::split(algorithm, text).ok_or_else(|| SignatureError::MalformedCredential {
            shape,
            credential: text.to_owned(),
        })
    }

    fn split(algorithm: Algorithm, text: &'a str) -> Option<Self> {
        let (access_key_id, scope) = text.split_once('/')?;
        let mut parts = pieces(scope, b'/');
        let date = parts.next()?;
        let region = match algorithm {
            Algorithm::V4 => Some(parts.next()?),
            Algorithm::V4a => None,
        };
        let (service, terminator) = (parts.next()?, parts.next()?);
        if parts.next().is_some() {
            return None;
        }
        Some(Self {
            access_key_id,
            scope,
            date,
            region,
            service,
            terminator,
        })
    }
}

/// The names in canonical order. Each must have arrived: a name without a header would let
/// somebody add that header later.
fn signed_headers(head: &RequestHead<'_>, text: &str) -> Result<String, SignatureError> {
    let text = text.to_ascii_lowercase();
    let mut names: Vec<&str> = pieces(&text, b';').collect();
    for name in &names {
        if !head.headers.contains_key(*name) {
            return Err(SignatureError::SignedHeaderAbsent {
                name: (*name).to_owned(),
            });
        }
    }
    names.sort_unstable();
    let repeated = names.iter().zip(names.iter().skip(1)).find(|(a, b)| a == b);
    if let Some((name, _)) = repeated {
        return Err(SignatureError::Repeated {
            name: (*name).to_owned(),
        });
    }
    Ok(names.join(";"))
}
