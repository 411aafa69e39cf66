//! A client of AWS's APIs, for the commands that ask a server, this program or AWS's own:
//! signed (SigV4), over TLS or, on loopback, plain HTTP.

mod api;
mod body;
mod credentials;
mod endpoint;
mod stream;

use std::sync::Arc;
use std::time::Duration;

use ::http::header::{CONTENT_LENGTH, HOST};
use ::http::{HeaderMap, HeaderValue, Request};
use bytes::Bytes;
use http_body_util::{BodyExt as _, Full, Limited};
use hyper_util::rt::TokioIo;
use platform::{Clock as _, SystemClock};
use rustls::ClientConfig;
use serde_json::Value;
use wire::sigv4::{Signer, SigningKey, scope_date};
use zeroize::Zeroizing;

pub use self::api::{Api, KMS, SECRETS_MANAGER, SSM, SSM_OPERATOR, STS};
pub use self::body::json_body;
pub use self::credentials::{Credentials, profile_region};
pub use self::endpoint::Endpoint;
use crate::exit::Failure;

/// How long a server may take to answer.
const PATIENCE: Duration = Duration::from_secs(10);
/// The largest answer that is read, in bytes.
const ANSWER_LIMIT: usize = 4 * 1024 * 1024;
/// How often a throttled call is made again, and the first pause before it, which doubles.
const RETRIES: u32 = 8;
const PAUSE: Duration = Duration::from_millis(100);

/// Calls one server in one region.
pub struct Client {
    endpoint: Endpoint,
    region: String,
    tls: Option<Arc<ClientConfig>>,
    credentials: Option<Credentials>,
}

/// Why a call has no answer.
#[derive(Debug)]
pub enum CallError {
    /// There are no credentials to sign with, or they cannot be used.
    Credentials(String),
    /// No server answered, or something else did.
    Unreachable(String),
    /// The server did not answer in time.
    Late(String),
    /// The server refused.
    Refused {
        /// The status of the answer.
        status: u16,
        /// AWS's code, for example `NotFoundException`.
        code: String,
        /// AWS's text.
        message: String,
    },
}

impl Client {
    /// A client that signs with what the environment or the profile file says at each call.
    pub fn new(endpoint: Endpoint, region: String) -> Result<Self, Failure> {
        let tls = endpoint.is_secure().then(stream::tls).transpose()?;
        Ok(Self {
            endpoint,
            region,
            tls,
            credentials: None,
        })
    }

    /// The same client with other credentials.
    pub fn with(&self, credentials: Credentials) -> Self {
        Self {
            endpoint: self.endpoint.clone(),
            region: self.region.clone(),
            tls: self.tls.clone(),
            credentials: Some(credentials),
        }
    }

    /// The same client in another region.
    pub fn in_region(mut self, region: &str) -> Self {
        region.clone_into(&mut self.region);
        self
    }

    /// Calls an operation; `input` is its JSON, and so is the answer.
    pub async fn call(
        &self,
        api: Api,
        operation: &str,
        input: Zeroizing<Vec<u8>>,
    ) -> Result<Zeroizing<Vec<u8>>, CallError> {
        self.send_call(api, operation, Bytes::from_owner(input))
            .await
    }

    /// Calls an operation, again and again with growing pauses where the server throttles: AWS lets
    /// few calls a second write.
    pub async fn call_patiently(
        &self,
        api: Api,
        operation: &str,
        input: Zeroizing<Vec<u8>>,
    ) -> Result<Zeroizing<Vec<u8>>, CallError> {
        let input = Bytes::from_owner(input);
        let mut pause = PAUSE;
        for _ in 0..RETRIES {
            match self.send_call(api, operation, input.clone()).await {
                Err(error) if error.is_throttling() => tokio::time::sleep(pause).await,
                answer => return answer,
            }
            pause *= 2;
        }
        self.send_call(api, operation, input).await
    }

    async fn send_call(
        &self,
        api: Api,
        operation: &str,
        input: Bytes,
    ) -> Result<Zeroizing<Vec<u8>>, CallError> {
        let target = format!("{}.{operation}", api.target_prefix);
        let content = [
            ("content-type", "application/x-amz-json-1.1"),
            ("x-amz-target", target.as_str()),
        ];
        let (status, answer) = self.post(api, &content, input).await?;
        if status == 200 {
            return Ok(answer);
        }
        Err(refusal(status, &answer))
    }

    /// Calls an operation of the query protocol that takes nothing; the answer is XML.
    pub async fn query(
        &self,
        api: Api,
        (operation, version): (&str, &str),
    ) -> Result<Zeroizing<Vec<u8>>, CallError> {
        let input = format!("Action={operation}&Version={version}");
        let form = "application/x-www-form-urlencoded; charset=utf-8";
        let content = [("content-type", form)];
        let (status, answer) = self.post(api, &content, input.into()).await?;
        if status == 200 {
            return Ok(answer);
        }
        let text = String::from_utf8_lossy(&answer);
        let element = |name: &str| {
            let (_, rest) = text.split_once(&format!("<{name}>"))?;
            Some(rest.split_once("</")?.0.to_owned())
        };
        Err(CallError::Refused {
            status,
            code: element("Code").unwrap_or_default(),
            message: element("Message").unwrap_or_default(),
        })
    }

    async fn post(
        &self,
        api: Api,
        content: &[(&'static str, &str)],
        input: Bytes,
    ) -> Result<(u16, Zeroizing<Vec<u8>>), CallError> {
        let headers = self.sign(api.signing_name, content, &input)?;
        let request = Request::post("/").body(Full::new(input));
        let mut request = request.map_err(unreachable)?;
        *request.headers_mut() = headers;
        self.send(request).await
    }

    /// What a GET of `path` answers, without a signature.
    pub async fn get(&self, path: &str) -> Result<(u16, Zeroizing<Vec<u8>>), CallError> {
        let request = Request::get(path).header(HOST, self.endpoint.authority());
        let request = request.body(Full::default()).map_err(unreachable)?;
        self.send(request).await
    }

    /// The region that it calls.
    pub fn region(&self) -> &str {
        &self.region
    }

    /// Where it calls.
    pub fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    fn sign(
        &self,
        service: &str,
        content: &[(&'static str, &str)],
        body: &[u8],
    ) -> Result<HeaderMap, CallError> {
        let found;
        let credentials = match &self.credentials {
            Some(credentials) => credentials,
            None => {
                found = Credentials::find()?;
                &found
            }
        };
        let mut headers = HeaderMap::new();
        let mut set = |name: &'static str, value: &str| {
            let value = HeaderValue::try_from(value).map_err(|_| {
                CallError::Credentials(format!("the value of {name} cannot stand in a header"))
            })?;
            headers.insert(name, value);
            Ok::<_, CallError>(())
        };
        set("host", self.endpoint.authority())?;
        for (name, value) in content {
            set(name, value)?;
        }
        if let Some(token) = &credentials.session_token {
            set("x-amz-security-token", token.expose())?;
        }
        let now = SystemClock.now();
        let secret = credentials.secret_access_key.expose();
        let key = SigningKey::derive(secret, &scope_date(now), &self.region, service);
        let signer = Signer {
            access_key_id: &credentials.access_key_id,
            key: &key,
            region: &self.region,
            service,
            now,
        };
        signer.sign("POST", ("/", ""), &mut headers, body);
        headers.insert(CONTENT_LENGTH, HeaderValue::from(body.len()));
        Ok(headers)
    }

    async fn send(
        &self,
        request: Request<Full<Bytes>>,
    ) -> Result<(u16, Zeroizing<Vec<u8>>), CallError> {
        let answer = tokio::time::timeout(PATIENCE, self.exchange(request)).await;
        answer.map_err(|_| {
            let place = &self.endpoint;
            CallError::Late(format!("{place} did not answer in time"))
        })?
    }

    async fn exchange(
        &self,
        request: Request<Full<Bytes>>,
    ) -> Result<(u16, Zeroizing<Vec<u8>>), CallError> {
        let stream = stream::connect(&self.endpoint, self.tls.as_ref()).await;
        let stream = stream.map_err(|error| {
            let place = &self.endpoint;
            CallError::Unreachable(format!("no connection to {place}: {error}"))
        })?;
        let handshake = hyper::client::conn::http1::handshake(TokioIo::new(stream));
        let (mut sender, connection) = handshake.await.map_err(unreachable)?;
        // It ends with the answer, or when the sender is dropped.
        tokio::spawn(async move {
            let _ = connection.await;
        });
        let answer = sender.send_request(request).await.map_err(unreachable)?;
        let status = answer.status().as_u16();
        let body = Limited::new(answer.into_body(), ANSWER_LIMIT).collect();
        let body = body.await.map_err(unreachable)?.to_bytes();
        Ok((status, Zeroizing::new(body.to_vec())))
    }
}

fn unreachable(error: impl std::fmt::Display) -> CallError {
    CallError::Unreachable(format!("the server's answer is broken off: {error}"))
}

/// What a JSON answer with an error says.
fn refusal(status: u16, answer: &[u8]) -> CallError {
    let Ok(value) = serde_json::from_slice::<Value>(answer) else {
        return CallError::Unreachable(format!(
            "what answers is no AWS API: its answer, with status {status}, is no JSON"
        ));
    };
    let member = |name: &str| value.get(name).and_then(Value::as_str);
    let code = member("__type").unwrap_or_default().rsplit('#').next();
    let message = member("message").or_else(|| member("Message"));
    let first_line = message.unwrap_or_default().lines().next();
    CallError::Refused {
        status,
        code: code.unwrap_or_default().to_owned(),
        message: first_line.unwrap_or_default().to_owned(),
    }
}

impl CallError {
    /// AWS's code, if the server refused.
    pub fn code(&self) -> Option<&str> {
        match self {
            Self::Refused { code, .. } => Some(code),
            Self::Credentials(_) | Self::Unreachable(_) | Self::Late(_) => None,
        }
    }

    /// Whether the server refused because too many calls came.
    pub fn is_throttling(&self) -> bool {
        matches!(
            self.code(),
            Some("ThrottlingException" | "TooManyUpdates" | "RequestLimitExceeded")
        )
    }

    /// Whether the same call may succeed a moment later.
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Unreachable(_) | Self::Late(_) => true,
            Self::Refused { status, .. } => *status >= 500 || self.is_throttling(),
            Self::Credentials(_) => false,
        }
    }

    /// Whether what was asked for is not there.
    pub fn is_absence(&self) -> bool {
        matches!(
            self.code(),
            Some("NotFoundException" | "ParameterNotFound" | "ResourceNotFoundException")
        )
    }

    /// Whether the server refused because of who calls.
    pub fn is_denial(&self) -> bool {
        matches!(
            self.code(),
            Some(
                "AccessDeniedException"
                    | "UnrecognizedClientException"
                    | "InvalidSignatureException"
                    | "IncompleteSignatureException"
                    | "MissingAuthenticationTokenException"
                    | "AccessDenied"
                    | "ExpiredToken"
                    | "ExpiredTokenException"
                    | "SignatureDoesNotMatch"
                    | "InvalidClientTokenId"
                    | "OptInRequired"
            )
        )
    }
}

impl std::fmt::Display for CallError {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Credentials(text) | Self::Unreachable(text) | Self::Late(text) => {
                out.write_str(text)
            }
            Self::Refused { code, message, .. } => {
                write!(out, "the server refused: {code}: {message}")
            }
        }
    }
}

impl From<CallError> for Failure {
    fn from(error: CallError) -> Self {
        let text = error.to_string();
        match &error {
            CallError::Credentials(_) => Self::usage(text),
            CallError::Unreachable(_) | CallError::Late(_) => Self::unavailable(text),
            CallError::Refused { .. } if error.is_denial() => Self::denied(text),
            CallError::Refused { .. } if error.is_absence() => Self::not_found(text),
            CallError::Refused { .. } => Self::failed(text),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exit::Exit;

    #[test]
    fn refusals_are_read_with_and_without_a_namespace() {
        for body in [
            r#"{"__type":"com.amazonaws.kms#DisabledException","message":"no\nmore"}"#,
            r#"{"__type":"DisabledException","Message":"no"}"#,
        ] {
            let error = refusal(400, body.as_bytes());
            assert_eq!(error.code(), Some("DisabledException"));
            assert_eq!(
                error.to_string(),
                "the server refused: DisabledException: no"
            );
        }
        assert!(refusal(502, b"<html>").code().is_none());
    }

    #[test]
    fn refusals_have_their_exit_codes() {
        let exit = |code: &str| {
            let refused = CallError::Refused {
                status: 400,
                code: code.to_owned(),
                message: String::new(),
            };
            Failure::from(refused).exit
        };
        assert_eq!(exit("AccessDeniedException"), Exit::Denied);
        assert_eq!(exit("NotFoundException"), Exit::NotFound);
        assert_eq!(exit("ParameterNotFound"), Exit::NotFound);
        assert_eq!(exit("DisabledException"), Exit::Failed);
        let nobody = CallError::Unreachable(String::new());
        assert_eq!(Failure::from(nobody).exit, Exit::Unavailable);
    }
}
