//! What a request says about its own signature, read but not yet believed.

use std::borrow::Cow;

use super::RequestHead;
use super::arrived::Arrived;
use super::authorization::AuthorizationHeader;
use super::error::SignatureError;
use super::instant;
use super::pieces::pieces;
use super::presign::QueryCredentials;
use super::signed_headers::SignedHeaders;
use crate::value::Timestamp;

const X_AMZ_DATE: &str = "x-amz-date";
const X_AMZ_SECURITY_TOKEN: &str = "x-amz-security-token";
const X_AMZ_REGION_SET: &str = "x-amz-region-set";
const X_AMZ_CONTENT_SHA256: &str = "x-amz-content-sha256";

/// Who claims to have signed a request, and how. Nothing of it is proven before
/// [`Presented::check`] and [`Presented::verify`] have both succeeded.
pub struct Presented<'a> {
    /// The access key.
    pub access_key_id: Cow<'a, str>,
    /// The session token of temporary credentials.
    pub session_token: Option<Cow<'a, str>>,
    /// The date of the credential scope, `yyyymmdd`.
    pub date: Cow<'a, str>,
    /// The region of the credential scope; for `Algorithm::V4a` the region set, a list of
    /// regions with wildcards.
    pub region: Cow<'a, str>,
    /// The service of the credential scope, for example `kms`.
    pub service: Cow<'a, str>,
    /// When it says it was signed; whole seconds.
    pub signed_at: Timestamp,
    /// The algorithm.
    pub algorithm: Algorithm,
    /// Where the signature is.
    pub form: Form,
    /// Which headers it covers.
    pub(super) signed_headers: SignedHeaders<'a>,
    /// In hexadecimal.
    pub(super) signature: Cow<'a, str>,
    /// The credential without the access key.
    pub(super) scope: Cow<'a, str>,
    /// The last part of the scope.
    pub(super) terminator: Cow<'a, str>,
    /// `x-amz-content-sha256`.
    pub(super) content_sha256: Option<Cow<'a, str>>,
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
pub fn presented<'a>(head: &RequestHead<'a>) -> Result<Option<Presented<'a>>, SignatureError> {
    let query = QueryCredentials::read(head.query)?;
    let arrived = Arrived::of(head.headers);
    let mut authorizations = arrived.values("authorization");
    match (authorizations.next(), authorizations.next(), query) {
        (None, _, None) => Ok(None),
        (Some(_), Some(_), _) => Err(SignatureError::RepeatedAuthorization),
        (Some(_), None, Some(query)) => Err(SignatureError::BothForms {
            parameter: query.first_name,
            header: "Authorization",
        }),
        (Some(value), None, None) => from_header(&arrived, value).map(Some),
        (None, _, Some(query)) => from_query(&arrived, query).map(Some),
    }
}

fn from_header<'a>(
    arrived: &Arrived<'a>,
    value: &'a [u8],
) -> Result<Presented<'a>, SignatureError> {
    let has_date = arrived.has(X_AMZ_DATE) || arrived.has("date");
    let header = AuthorizationHeader::parse(value, has_date)?;
    let signed_at = signed_at(arrived)?;
    let algorithm = Algorithm::parse(header.scheme)?;
    let region_set = match algorithm {
        Algorithm::V4 => None,
        Algorithm::V4a => single_header(arrived, X_AMZ_REGION_SET)?.map(Cow::Borrowed),
    };
    let claims = Claims {
        algorithm,
        form: Form::Header,
        signature: Cow::Borrowed(header.signature),
        signed_at,
        region_set,
        session_token: single_header(arrived, X_AMZ_SECURITY_TOKEN)?.map(Cow::Borrowed),
        content_sha256: single_header(arrived, X_AMZ_CONTENT_SHA256)?.map(Cow::Borrowed),
    };
    claims.accept(header.credential, Cow::Borrowed, || {
        SignedHeaders::read(header.signed_headers, arrived)
    })
}

fn from_query<'a>(
    arrived: &Arrived<'a>,
    query: QueryCredentials,
) -> Result<Presented<'a>, SignatureError> {
    // A header that says again what the query says could say something else.
    for (parameter, header) in [
        ("X-Amz-Date", X_AMZ_DATE),
        ("X-Amz-Security-Token", X_AMZ_SECURITY_TOKEN),
        ("X-Amz-Region-Set", X_AMZ_REGION_SET),
    ] {
        if arrived.has(header) {
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
        signature: Cow::Owned(query.signature),
        signed_at,
        region_set: query.region_set.map(Cow::Owned),
        session_token: query.session_token.map(Cow::Owned),
        content_sha256: one_content_sha256(arrived, query.content_sha256)?,
    };
    let owned = |part: &str| Cow::Owned(part.to_owned());
    claims.accept(&query.credential, owned, || {
        SignedHeaders::read(&query.signed_headers, arrived).map(SignedHeaders::into_owned)
    })
}

/// The digest that a presigned request declares, in its query or a header.
fn one_content_sha256<'a>(
    arrived: &Arrived<'a>,
    in_query: Option<String>,
) -> Result<Option<Cow<'a, str>>, SignatureError> {
    match (single_header(arrived, X_AMZ_CONTENT_SHA256)?, in_query) {
        (Some(_), Some(_)) => Err(SignatureError::BothForms {
            parameter: "X-Amz-Content-Sha256",
            header: X_AMZ_CONTENT_SHA256,
        }),
        (in_header, in_query) => Ok(in_header.map(Cow::Borrowed).or(in_query.map(Cow::Owned))),
    }
}

/// `X-Amz-Date`, which wins, or else `Date`.
fn signed_at(arrived: &Arrived<'_>) -> Result<Timestamp, SignatureError> {
    let (date, parsed) = if let Some(date) = single_header(arrived, X_AMZ_DATE)? {
        (date, instant::parse_basic(date))
    } else {
        let date = single_header(arrived, "date")?.unwrap_or_default();
        let parsed = instant::parse_basic(date).or_else(|| instant::parse_http(date));
        (date, parsed)
    };
    parsed.ok_or_else(|| SignatureError::MalformedDate {
        date: date.to_owned(),
    })
}

/// The value of a header that may occur once at most.
fn single_header<'a>(
    arrived: &Arrived<'a>,
    name: &'static str,
) -> Result<Option<&'a str>, SignatureError> {
    let mut values = arrived.values(name);
    let Some(value) = values.next() else {
        return Ok(None);
    };
    if values.next().is_some() {
        return Err(SignatureError::Repeated {
            name: name.to_owned(),
        });
    }
    // What `HeaderValue::to_str` takes.
    let is_visible = |byte: &u8| (b' '..=b'~').contains(byte) || *byte == b'\t';
    let text = value.iter().all(is_visible).then(|| str::from_utf8(value));
    let text = text.and_then(Result::ok);
    let text = text.ok_or(SignatureError::NotText { name })?;
    Ok(Some(text.trim()))
}

/// What header and query have in common once they are taken apart.
struct Claims<'a> {
    algorithm: Algorithm,
    form: Form,
    signature: Cow<'a, str>,
    signed_at: Timestamp,
    region_set: Option<Cow<'a, str>>,
    session_token: Option<Cow<'a, str>>,
    content_sha256: Option<Cow<'a, str>>,
}

impl<'a> Claims<'a> {
    /// Puts together what was claimed. `keep` makes a part of the credential one of the result.
    fn accept<'c>(
        self,
        credential: &'c str,
        keep: impl Fn(&'c str) -> Cow<'a, str>,
        signed_headers: impl FnOnce() -> Result<SignedHeaders<'a>, SignatureError>,
    ) -> Result<Presented<'a>, SignatureError> {
        let credential = Credential::parse(self.algorithm, credential)?;
        let region = match credential.region {
            Some(region) => keep(region),
            None => self
                .region_set
                .ok_or_else(|| SignatureError::SignedHeaderAbsent {
                    name: X_AMZ_REGION_SET.to_owned(),
                })?,
        };
        Ok(Presented {
            access_key_id: keep(credential.access_key_id),
            session_token: self.session_token,
            date: keep(credential.date),
            region,
            service: keep(credential.service),
            signed_at: self.signed_at,
            algorithm: self.algorithm,
            form: self.form,
            signed_headers: signed_headers()?,
            signature: self.signature,
            scope: keep(credential.scope),
            terminator: keep(credential.terminator),
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
        let mut parts = pieces(text, b'/');
        let access_key_id = parts.next()?;
        let scope = text.get(access_key_id.len() + 1..)?;
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
