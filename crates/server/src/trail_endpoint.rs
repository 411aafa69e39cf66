//! Buckets of another S3, wherever its endpoint is: objects are put with signed requests, path style.

use std::sync::Arc;

use crypto::Secret;
use http::{HeaderMap, HeaderName, HeaderValue};
use platform::{BucketObject, Buckets, Clock, Outbound, OutboundRequest, PutFailure, PutFuture};
use wire::sigv4::{Signer, SigningKey, scope_date};

/// How long a put may take.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(60);

/// An endpoint that speaks S3.
pub struct TrailEndpoint {
    /// `https://host[:port]`, without a path.
    pub url: String,
    /// The Region that requests are signed for.
    pub region: String,
    /// The access key.
    pub access_key_id: String,
    /// Its secret.
    pub secret: Secret<String>,
    /// The way there.
    pub outbound: Arc<dyn Outbound>,
    /// The time, for signatures.
    pub clock: Arc<dyn Clock>,
}

impl Buckets for TrailEndpoint {
    /// Only the endpoint knows. A bucket that is not there is what the delivery fails for.
    fn exists(&self, _bucket: &str) -> bool {
        true
    }

    fn encrypts(&self) -> bool {
        true
    }

    fn put(&self, object: BucketObject) -> PutFuture<'_> {
        Box::pin(async move {
            let request = self.request(object);
            let request = request.ok_or_else(|| PutFailure::new("InvalidRequest", "a header"))?;
            let answer = self.outbound.send(request).await;
            let answer =
                answer.map_err(|failure| PutFailure::new("ServiceUnavailable", failure))?;
            if answer.is_success() {
                return Ok(());
            }
            let code = code(&answer.body).unwrap_or_else(|| format!("HTTP{}", answer.status));
            let text = format!("the endpoint answered {}", answer.status);
            Err(PutFailure::new(&code, text))
        })
    }
}

impl TrailEndpoint {
    /// PutObject, signed; none where something of it fits into no header.
    fn request(&self, object: BucketObject) -> Option<OutboundRequest> {
        let path = encoded(&format!("/{}/{}", object.bucket, object.key));
        let (_, host) = self.url.split_once("://")?;
        let mut headers = HeaderMap::new();
        let mut set = |name: &str, value: &str| {
            let name = HeaderName::try_from(name).ok()?;
            headers.insert(name, HeaderValue::from_str(value).ok()?);
            Some(())
        };
        set("host", host)?;
        set("content-type", "application/json")?;
        set("content-encoding", "gzip")?;
        set("x-amz-content-sha256", &hex(&crypto::sha256(&object.body)))?;
        for (name, value) in &object.metadata {
            set(&format!("x-amz-meta-{name}"), value)?;
        }
        if let Some(key) = &object.kms_key {
            set("x-amz-server-side-encryption", "aws:kms")?;
            set("x-amz-server-side-encryption-aws-kms-key-id", key)?;
        }
        let now = self.clock.now();
        let key = SigningKey::derive(self.secret.expose(), &scope_date(now), &self.region, "s3");
        let signer = Signer {
            access_key_id: &self.access_key_id,
            key: &key,
            region: &self.region,
            service: "s3",
            now,
        };
        signer.sign("PUT", (&path, ""), &mut headers, &object.body);
        headers.remove("host");
        let url = format!("{}{path}", self.url);
        let mut request = OutboundRequest::new("PUT", &url, object.body);
        request.patience = PATIENCE;
        for (name, value) in &headers {
            request = request.header(name.as_str(), value.to_str().ok()?);
        }
        Some(request)
    }
}

/// A path as S3's signatures want it: everything escaped that RFC 3986 does not leave unreserved.
fn encoded(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    for byte in path.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' | b'/' => {
                out.push(char::from(byte));
            }
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

/// The code of an error as S3 tells it, if it looks like one: it is shown to whoever owns the trail.
fn code(body: &[u8]) -> Option<String> {
    let text = str::from_utf8(body).ok()?;
    let (_, rest) = text.split_once("<Code>")?;
    let (code, _) = rest.split_once("</Code>")?;
    let is_code = code.len() <= 64
        && code
            .bytes()
            .all(|it| it.is_ascii_alphanumeric() || it == b'.');
    (is_code && !code.is_empty()).then(|| code.to_owned())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use platform::FixedClock;
    use platform::testing::{START, ScriptedOutbound};

    use super::*;

    fn endpoint() -> (TrailEndpoint, Arc<ScriptedOutbound>) {
        let outbound = Arc::<ScriptedOutbound>::default();
        let endpoint = TrailEndpoint {
            url: "https://s3.example.com:9000".to_owned(),
            region: "eu-west-2".to_owned(),
            access_key_id: "AKIDEXAMPLE".to_owned(),
            secret: Secret::new("the-secret".to_owned()),
            outbound: Arc::clone(&outbound) as _,
            clock: Arc::new(FixedClock::at(START)),
        };
        (endpoint, outbound)
    }

    fn object() -> BucketObject {
        BucketObject {
            bucket: "logs".to_owned(),
            key: "a!/b.gz".to_owned(),
            body: (&b"x"[..]).into(),
            metadata: vec![("signature".to_owned(), "00".to_owned())],
            kms_key: Some("arn:k".to_owned()),
        }
    }

    #[tokio::test]
    async fn objects_are_put_with_what_belongs_to_them() {
        let (endpoint, outbound) = endpoint();
        endpoint.put(object()).await.expect("an answer");
        let sent = outbound.sent().remove(0);
        assert_eq!(sent.method, "PUT");
        assert_eq!(sent.url, "https://s3.example.com:9000/logs/a%21/b.gz");
        for (name, value) in [
            ("x-amz-meta-signature", "00"),
            ("x-amz-server-side-encryption", "aws:kms"),
            ("x-amz-server-side-encryption-aws-kms-key-id", "arn:k"),
        ] {
            assert_eq!(sent.header_value(name), Some(value), "{name}");
        }
        let signed = sent.header_value("authorization").expect("a signature");
        assert!(signed.contains("SignedHeaders=content-encoding;content-type;host;x-amz-"));
        assert!(!signed.contains("the-secret"));
    }

    #[tokio::test]
    async fn refusals_are_told_by_their_code_alone() {
        let (endpoint, outbound) = endpoint();
        for (status, body, code) in [
            (
                404,
                "<Error><Code>NoSuchBucket</Code></Error>",
                "NoSuchBucket",
            ),
            (403, "<Error><Code>a <b></Code></Error>", "HTTP403"),
            (503, "", "HTTP503"),
        ] {
            outbound.answer(status, body);
            let failure = endpoint.put(object()).await.expect_err("a refusal");
            assert_eq!(failure.code, code);
        }
    }
}
