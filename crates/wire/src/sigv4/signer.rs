//! A signer for the tests, written from the textbook and sharing nothing with the verifier.

use std::collections::BTreeMap;
use std::fmt::Write;

use aws_lc_rs::{digest, hmac};
use http::{HeaderMap, HeaderName, HeaderValue};

use super::{RequestHead, SigningKey};
use crate::value::Timestamp;

pub(super) const ACCESS_KEY: &str = "AKIDEXAMPLE";
pub(super) const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
/// 2015-08-30T12:36:00Z
pub(super) const SIGNED_AT: Timestamp = Timestamp::from_secs(1_440_938_160);

/// A request that tests change before or after they sign it. Its path and query must be in
/// canonical form already.
#[derive(Clone, Debug)]
pub(super) struct Request {
    pub(super) method: String,
    pub(super) path: String,
    pub(super) query: String,
    pub(super) headers: HeaderMap,
    pub(super) body: Vec<u8>,
    pub(super) service: String,
    pub(super) date_time: String,
    pub(super) payload: Option<String>,
}

impl Request {
    /// `kms:Decrypt`, as an SDK would send it.
    pub(super) fn kms() -> Self {
        let mut request = Self {
            method: "POST".to_owned(),
            path: "/".to_owned(),
            query: String::new(),
            headers: HeaderMap::new(),
            body: br#"{"CiphertextBlob":"AAAA"}"#.to_vec(),
            service: "kms".to_owned(),
            date_time: "20150830T123600Z".to_owned(),
            payload: None,
        };
        request.set("host", "kms.us-east-1.amazonaws.com");
        request.set("content-type", "application/x-amz-json-1.1");
        request.set("x-amz-target", "TrentService.Decrypt");
        request
    }

    pub(super) fn set(&mut self, name: &str, value: &str) {
        self.headers
            .insert(header_name(name), HeaderValue::from_str(value).unwrap());
    }

    pub(super) fn add(&mut self, name: &str, value: &str) {
        self.headers
            .append(header_name(name), HeaderValue::from_str(value).unwrap());
    }

    pub(super) fn head(&self) -> RequestHead<'_> {
        RequestHead {
            method: &self.method,
            path: &self.path,
            query: &self.query,
            headers: &self.headers,
        }
    }

    pub(super) fn key(&self) -> SigningKey {
        SigningKey::derive(SECRET, &self.date_time[..8], "us-east-1", &self.service)
    }

    fn scope(&self) -> String {
        format!(
            "{}/us-east-1/{}/aws4_request",
            &self.date_time[..8],
            self.service
        )
    }

    /// Signs all headers there are and adds `Authorization`, and `X-Amz-Date` if there is no
    /// `Date`.
    pub(super) fn sign(&mut self) {
        if !self.headers.contains_key("date") {
            let date_time = self.date_time.clone();
            self.set("x-amz-date", &date_time);
        }
        let (signed_headers, signature) = self.signature();
        let authorization = format!(
            "AWS4-HMAC-SHA256 Credential={ACCESS_KEY}/{}, SignedHeaders={signed_headers}, \
             Signature={signature}",
            self.scope()
        );
        self.set("authorization", &authorization);
    }

    /// Makes the query a presigned one.
    pub(super) fn presign(&mut self, expires: &str) {
        let mut names: Vec<&str> = self.headers.keys().map(HeaderName::as_str).collect();
        names.sort_unstable();
        let own = format!(
            "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential={ACCESS_KEY}%2F{}&X-Amz-Date={}\
             &X-Amz-Expires={expires}&X-Amz-SignedHeaders={}",
            self.scope().replace('/', "%2F"),
            self.date_time,
            names.join("%3B")
        );
        let mut pairs: Vec<&str> = own.split('&').chain(self.query.split('&')).collect();
        pairs.retain(|pair| !pair.is_empty());
        pairs.sort_unstable();
        self.query = pairs.join("&");
        let (_, signature) = self.signature();
        write!(self.query, "&X-Amz-Signature={signature}").unwrap();
    }

    fn signature(&self) -> (String, String) {
        let mut headers: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for (name, value) in &self.headers {
            headers
                .entry(name.as_str())
                .or_default()
                .push(value.to_str().unwrap());
        }
        let mut lines = String::new();
        for (name, values) in &headers {
            writeln!(lines, "{name}:{}", values.join(",")).unwrap();
        }
        let names: Vec<&str> = headers.into_keys().collect();
        let names = names.join(";");
        let payload = self.payload.clone().unwrap_or_else(|| sha256(&self.body));
        let canonical_request = format!(
            "{}\n{}\n{}\n{lines}\n{names}\n{payload}",
            self.method, self.path, self.query
        );
        let string_to_sign = format!(
            "AWS4-HMAC-SHA256\n{}\n{}\n{}",
            self.date_time,
            self.scope(),
            sha256(canonical_request.as_bytes())
        );
        let mut key = format!("AWS4{SECRET}").into_bytes();
        for part in self.scope().split('/') {
            key = hmac_sha256(&key, part);
        }
        (names, lower_hex(&hmac_sha256(&key, &string_to_sign)))
    }
}

fn header_name(name: &str) -> HeaderName {
    HeaderName::from_bytes(name.as_bytes()).unwrap()
}

pub(super) fn sha256(bytes: &[u8]) -> String {
    lower_hex(digest::digest(&digest::SHA256, bytes).as_ref())
}

fn hmac_sha256(key: &[u8], message: &str) -> Vec<u8> {
    let key = hmac::Key::new(hmac::HMAC_SHA256, key);
    hmac::sign(&key, message.as_bytes()).as_ref().to_vec()
}

fn lower_hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
