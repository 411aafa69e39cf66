//! Signed requests to KMS, or another service, as raw HTTP.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, Result, ensure};
use http::{HeaderMap, HeaderValue};
use serde_json::{Value, json};
use wire::Timestamp;
use wire::sigv4::{Signer, SigningKey, scope_date};

use super::load;
use super::process::Running;

/// Where everything is.
pub(crate) const REGION: &str = "eu-west-2";

/// The calls that are measured.
#[derive(Clone, Copy)]
pub(crate) enum Operation {
    Encrypt,
    Decrypt,
    GenerateDataKey,
}

impl Operation {
    /// All of them.
    pub(crate) const ALL: &[Self] = &[Self::Encrypt, Self::Decrypt, Self::GenerateDataKey];

    /// The name.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Encrypt => "Encrypt",
            Self::Decrypt => "Decrypt",
            Self::GenerateDataKey => "GenerateDataKey",
        }
    }
}

/// Makes requests for one server.
pub(crate) struct Client {
    address: String,
    access_key_id: String,
    key: SigningKey,
    now: Timestamp,
    region: &'static str,
    service: Service,
}

/// The signing name of a service, and what its targets begin with.
#[derive(Clone, Copy)]
struct Service(&'static str, &'static str);

const KMS: Service = Service("kms", "TrentService");
const LOGS: Service = Service("logs", "Logs_20140328");
const EVENTS: Service = Service("events", "AWSEvents");
const TRAILS: Service = Service(
    "cloudtrail",
    "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101",
);
const IAM: Service = Service("iam", "");
const LAMBDA: Service = Service("lambda", "");
const SSM: Service = Service("ssm", "AmazonSSM");
const SECRETS: Service = Service("secretsmanager", "secretsmanager");

impl Client {
    /// With the root access key that the server printed.
    pub(crate) fn new(server: &Running) -> Result<Self> {
        Ok(Self::with(
            server,
            server
                .credentials()
                .context("the server printed no credentials")?,
        ))
    }

    /// With a known root access key.
    pub(crate) fn with(server: &Running, credentials: (String, String)) -> Self {
        Self::of(server, credentials, KMS)
    }

    /// For CloudWatch Logs, with a known root access key.
    pub(crate) fn for_logs(server: &Running) -> Result<Self> {
        Self::as_root(server, LOGS)
    }

    /// For EventBridge, with the root access key that the server printed.
    pub(crate) fn for_events(server: &Running) -> Result<Self> {
        Self::as_root(server, EVENTS)
    }

    /// For CloudTrail, with the root access key that the server printed.
    pub(crate) fn for_trails(server: &Running) -> Result<Self> {
        Self::as_root(server, TRAILS)
    }

    /// For IAM, with the root access key that the server printed.
    pub(crate) fn for_iam(server: &Running) -> Result<Self> {
        Self::as_root(server, IAM)
    }

    /// For Lambda, with the root access key that the server printed.
    pub(crate) fn for_lambda(server: &Running) -> Result<Self> {
        Self::as_root(server, LAMBDA)
    }

    fn as_root(server: &Running, service: Service) -> Result<Self> {
        let credentials = server.credentials();
        let credentials = credentials.context("the server printed no credentials")?;
        Ok(Self::of(server, credentials, service))
    }

    /// For Parameter Store, with a known root access key.
    pub(crate) fn for_ssm(server: &Running) -> Result<Self> {
        let credentials = server.credentials();
        let credentials = credentials.context("the server printed no credentials")?;
        Ok(Self::of(server, credentials, SSM))
    }

    /// For Secrets Manager in a Region, with the root access key that the server printed.
    pub(crate) fn for_secrets(server: &Running, region: &'static str) -> Result<Self> {
        let credentials = server.credentials();
        let credentials = credentials.context("the server printed no credentials")?;
        Ok(Self::within(server, credentials, (region, SECRETS)))
    }

    fn of(server: &Running, credentials: (String, String), service: Service) -> Self {
        Self::within(server, credentials, (REGION, service))
    }

    fn within(
        server: &Running,
        (access_key_id, secret): (String, String),
        (region, service): (&'static str, Service),
    ) -> Self {
        let since = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        let now = Timestamp::from_secs(since.as_secs() as i64);
        let key = SigningKey::derive(&secret, &scope_date(now), region, service.0);
        Self {
            address: server.address().to_owned(),
            access_key_id,
            key,
            now,
            region,
            service,
        }
    }

    /// The time that requests are signed with, in milliseconds.
    pub(crate) fn now_millis(&self) -> i64 {
        self.now.millis
    }

    /// Creates a symmetric encryption key; returns its id.
    pub(crate) fn create_key(&self) -> Result<String> {
        self.create_key_of(&json!({}))
    }

    /// Creates a key as `input` says; returns its id.
    pub(crate) fn create_key_of(&self, input: &Value) -> Result<String> {
        let answer = self.call("CreateKey", input)?;
        let id = answer.pointer("/KeyMetadata/KeyId").and_then(Value::as_str);
        Ok(id
            .context("CreateKey answered without a key id")?
            .to_owned())
    }

    /// `count` requests that each create a key.
    pub(crate) fn create_keys(&self, count: usize) -> Result<Vec<Vec<u8>>> {
        Ok((0..count)
            .map(|index| self.request("CreateKey", &json!({"Description": format!("key {index}")})))
            .collect())
    }

    /// `count` requests that each create a grant for `key`.
    pub(crate) fn create_grants(&self, key: &str, count: usize) -> Result<Vec<Vec<u8>>> {
        let answer = self.call("DescribeKey", &json!({"KeyId": key}))?;
        let account = answer.pointer("/KeyMetadata/AWSAccountId");
        let account = account.and_then(Value::as_str).context("no account")?;
        let input = |index| {
            json!({
                "KeyId": key,
                "GranteePrincipal": format!("arn:aws:iam::{account}:root"),
                "Operations": ["Decrypt"],
                "Name": format!("grant-{index}"),
            })
        };
        let requests = (0..count).map(|index| self.request("CreateGrant", &input(index)));
        Ok(requests.collect())
    }

    /// `count` different requests that sign or authenticate 32 bytes under `key`.
    pub(crate) fn signing_requests(
        &self,
        operation: &str,
        key: &str,
        algorithm: &str,
        count: usize,
    ) -> Vec<Vec<u8>> {
        let kind = match operation {
            "Sign" => "SigningAlgorithm",
            _ => "MacAlgorithm",
        };
        let input = |index: usize| {
            let last = ["Y=", "A=", "E=", "I="][index % 4];
            let message = format!("MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZW{last}");
            json!({"KeyId": key, "Message": message, kind: algorithm})
        };
        (0..count)
            .map(|index| self.request(operation, &input(index)))
            .collect()
    }

    /// `count` different requests of one operation under `key`.
    pub(crate) fn requests(
        &self,
        operation: Operation,
        key: &str,
        count: usize,
    ) -> Result<Vec<Vec<u8>>> {
        (0..count)
            .map(|index| {
                let context = json!({"tenant": format!("{index:06}")});
                let input = match operation {
                    Operation::Encrypt => json!({
                        "KeyId": key, "Plaintext": PLAINTEXT, "EncryptionContext": context,
                    }),
                    Operation::GenerateDataKey => json!({
                        "KeyId": key, "KeySpec": "AES_256", "EncryptionContext": context,
                    }),
                    Operation::Decrypt if index >= 64 => return Ok(Vec::new()),
                    Operation::Decrypt => {
                        let sealed = json!({
                            "KeyId": key, "Plaintext": PLAINTEXT, "EncryptionContext": context,
                        });
                        let blob = self.call("Encrypt", &sealed)?;
                        json!({
                            "CiphertextBlob": blob["CiphertextBlob"], "EncryptionContext": context,
                        })
                    }
                };
                Ok(self.request(operation.name(), &input))
            })
            .collect::<Result<Vec<_>>>()
            .map(fill)
    }

    /// Makes one call; its answer.
    pub(crate) fn call(&self, operation: &str, input: &Value) -> Result<Value> {
        let body = self.send(operation, &self.request(operation, input))?;
        match body.as_str() {
            "" => Ok(Value::Null),
            body => Ok(serde_json::from_str(body)?),
        }
    }

    /// Makes a role that a service may act in, `logs`; its ARN. Of a client for IAM.
    pub(crate) fn create_role(&self, name: &str, service: &str) -> Result<String> {
        let trust = format!(
            "%7B%22Version%22%3A%222012-10-17%22%2C%22Statement%22%3A%5B%7B%22Effect%22%3A\
                     %22Allow%22%2C%22Action%22%3A%22sts%3AAssumeRole%22%2C%22Principal%22%3A%7B\
                     %22Service%22%3A%22{service}.amazonaws.com%22%7D%7D%5D%7D"
        );
        let body = format!(
            "Action=CreateRole&Version=2010-05-08&RoleName={name}&AssumeRolePolicyDocument={trust}"
        );
        let form = [("content-type", "application/x-www-form-urlencoded")];
        let answer = self.send("CreateRole", &self.signed("/", &form, &body))?;
        let arn = answer.split_once("<Arn>").map(|(_, rest)| rest);
        let arn = arn.and_then(|rest| rest.split_once("</Arn>"));
        Ok(arn.context("a role without an ARN")?.0.to_owned())
    }

    /// Sends a request; the body of its answer.
    fn send(&self, operation: &str, request: &[u8]) -> Result<String> {
        let mut stream = TcpStream::connect(&self.address)?;
        stream.write_all(request)?;
        let mut answer = Vec::new();
        let mut chunk = [0; 4096];
        loop {
            let read = stream.read(&mut chunk)?;
            ensure!(read > 0, "the server closed the connection");
            answer.extend_from_slice(&chunk[..read]);
            if load::is_whole(&answer)? {
                break;
            }
        }
        let text = String::from_utf8(answer)?;
        let (head, body) = text.split_once("\r\n\r\n").context("no body")?;
        ensure!(head.starts_with("HTTP/1.1 20"), "{operation}: {text}");
        Ok(body.to_owned())
    }

    /// A request, signed.
    pub(crate) fn request(&self, operation: &str, input: &Value) -> Vec<u8> {
        let target = format!("{}.{operation}", self.service.1);
        let json = [
            ("content-type", "application/x-amz-json-1.1"),
            ("x-amz-target", target.as_str()),
        ];
        self.signed("/", &json, &input.to_string())
    }

    /// A request with a path, signed.
    pub(crate) fn post(&self, path: &str, body: &str) -> Vec<u8> {
        self.signed(path, &[("content-type", "application/json")], body)
    }

    /// The same, sent once; its answer.
    pub(crate) fn post_once(&self, path: &str, input: &Value) -> Result<Value> {
        let answer = self.send(path, &self.post(path, &input.to_string()))?;
        Ok(serde_json::from_str(&answer)?)
    }

    fn signed(&self, path: &str, more: &[(&'static str, &str)], body: &str) -> Vec<u8> {
        let mut headers = HeaderMap::new();
        let mut set = |name: &'static str, value: &str| {
            if let Ok(value) = HeaderValue::from_str(value) {
                headers.insert(name, value);
            }
        };
        set("host", &self.address);
        more.iter().for_each(|(name, value)| set(name, value));
        let signer = Signer {
            access_key_id: &self.access_key_id,
            key: &self.key,
            region: self.region,
            service: self.service.0,
            now: self.now,
        };
        signer.sign("POST", (path, ""), &mut headers, body.as_bytes());
        let mut request = format!("POST {path} HTTP/1.1\r\n");
        for (name, value) in &headers {
            request.push_str(&format!(
                "{name}: {}\r\n",
                value.to_str().unwrap_or_default()
            ));
        }
        request.push_str(&format!("content-length: {}\r\n\r\n{body}", body.len()));
        request.into_bytes()
    }
}

/// Thirty-two bytes, the size of a data key, in base64.
const PLAINTEXT: &str = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";

/// Repeats what is there in the places that were left empty.
fn fill(requests: Vec<Vec<u8>>) -> Vec<Vec<u8>> {
    let made: Vec<_> = requests
        .iter()
        .filter(|request| !request.is_empty())
        .cloned()
        .collect();
    made.iter().cycle().take(requests.len()).cloned().collect()
}
