//! Signing, in the `Authorization` header: for what the program itself sends, and for tests.

use aws_lc_rs::digest;
use http::{HeaderMap, HeaderValue};

use super::RequestHead;
use super::canonical::{Parts, PathStyle, canonical_request};
use super::encoding::hex;
use super::instant;
use super::key::SigningKey;
use super::presented::{Algorithm, Form};
use super::signed_headers::SignedHeaders;
use crate::value::Timestamp;

/// Who signs, with which key, for which service, and when.
pub struct Signer<'a> {
    /// The access key.
    pub access_key_id: &'a str,
    /// The signing key of the day of `now`, the region and the service.
    pub key: &'a SigningKey,
    /// The region of the scope.
    pub region: &'a str,
    /// The service of the scope.
    pub service: &'a str,
    /// When.
    pub now: Timestamp,
}

/// The day in a credential scope: `20150830`.
pub fn scope_date(now: Timestamp) -> String {
    instant::basic(now).day().to_owned()
}

impl Signer<'_> {
    /// Sets `x-amz-date` and `authorization`, covering every header that is there.
    ///
    /// `path` and `query` are as sent; `headers` needs `host`.
    pub fn sign(
        &self,
        method: &str,
        (path, query): (&str, &str),
        headers: &mut HeaderMap,
        body: &[u8],
    ) {
        let time = instant::basic(self.now);
        let time = time.as_str();
        if let Ok(value) = HeaderValue::from_str(time) {
            headers.insert("x-amz-date", value);
        }
        let mut names: Vec<&str> = headers.keys().map(http::HeaderName::as_str).collect();
        names.sort_unstable();
        let signed_headers = names.join(";");
        let head = RequestHead {
            method,
            path,
            query,
            headers,
        };
        let canonical = canonical_request(
            &head,
            &Parts {
                signed_headers: &SignedHeaders::canonical(&signed_headers),
                form: Form::Header,
                payload: sha256_hex(body).as_bytes(),
                path_style: PathStyle::of_service(self.service),
            },
        );
        let (region, service) = (self.region, self.service);
        let scope = format!("{}/{region}/{service}/aws4_request", scope_date(self.now));
        let algorithm = Algorithm::V4.name();
        let to_sign = format!("{algorithm}\n{time}\n{scope}\n{}", sha256_hex(&canonical));
        let authorization = format!(
            "{algorithm} Credential={}/{scope}, SignedHeaders={signed_headers}, Signature={}",
            self.access_key_id,
            hex(self.key.sign(to_sign.as_bytes()).as_ref()),
        );
        if let Ok(value) = HeaderValue::from_str(&authorization) {
            headers.insert("authorization", value);
        }
    }
}

fn sha256_hex(bytes: &[u8]) -> String {
    hex(digest::digest(&digest::SHA256, bytes).as_ref())
}

#[cfg(test)]
mod tests {
    use super::super::{VerifyingKey, presented};
    use super::*;

    #[test]
    fn what_is_signed_here_verifies_here() {
        let now = Timestamp::from_secs(1_440_938_160);
        let key = SigningKey::derive("secret", &scope_date(now), "eu-west-2", "kms");
        let mut headers = HeaderMap::new();
        headers.insert("host", HeaderValue::from_static("localhost:4566"));
        let signer = Signer {
            access_key_id: "AKIDEXAMPLE",
            key: &key,
            region: "eu-west-2",
            service: "kms",
            now,
        };
        signer.sign("POST", ("/", "a=b"), &mut headers, b"{}");
        let head = RequestHead {
            method: "POST",
            path: "/",
            query: "a=b",
            headers: &headers,
        };
        let presented = presented(&head).unwrap().unwrap();
        presented.check(&head, "kms", now).unwrap();
        presented
            .verify(&head, b"{}", &VerifyingKey::V4(&key))
            .unwrap();
        assert!(
            presented
                .verify(&head, b"{ }", &VerifyingKey::V4(&key))
                .is_err()
        );
    }
}
