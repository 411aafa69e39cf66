//! What the plugin does: three calls, made of calls to KMS.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use serde::Deserialize;
use serde_json::{Value, json};
use tonic::{Code, Status};
use wire::pem;
use zeroize::Zeroizing;

use super::key_id::{KeyId, NotAKeyId};
use super::messages::{
    DecryptRequest, DecryptResponse, EncryptRequest, EncryptResponse, StatusResponse,
};
use crate::client::{CallError, Client, KMS};

/// The version of the API.
const VERSION: &str = "v2";
/// What API servers take for health.
const OK: &str = "ok";
/// The annotation that names the form of what is encrypted.
const FORM: &str = "form.k8s-kms.strongroom.internal";
/// The form of now: a ciphertext blob of KMS under the encryption context below.
const FORM_1: &[u8] = b"1";
/// The encryption context. A ciphertext of the plugin opens nowhere else, and no other ciphertext
/// of the key opens here.
const CONTEXT: (&str, &str) = ("strongroom:purpose", "kubernetes-kms-v2");
/// The most bytes that KMS encrypts (Encrypt, `Plaintext`).
const MAX_PLAINTEXT: usize = 4096;
/// The most bytes that KMS decrypts (Decrypt, `CiphertextBlob`).
const MAX_CIPHERTEXT: usize = 6144;

/// The plugin: one key, by id, ARN or alias.
pub(super) struct Plugin {
    client: Client,
    key: String,
    seen: Mutex<Seen>,
}

/// What was seen last.
#[derive(Default)]
struct Seen {
    key_id: Option<KeyId>,
    health: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct DescribeKeyResponse {
    key_metadata: KeyMetadata,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct KeyMetadata {
    arn: String,
    key_state: String,
    current_key_material_id: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct EncryptAnswer {
    ciphertext_blob: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct DecryptAnswer {
    plaintext: String,
}

impl Plugin {
    pub(super) fn new(client: Client, key: String) -> Self {
        Self {
            client,
            key,
            seen: Mutex::default(),
        }
    }

    /// How the plugin is: whether the server answers, the key is enabled and the caller may
    /// encrypt with it. Two calls, none of which uses the key.
    pub(super) async fn status(&self) -> StatusResponse {
        let health = match self.probe().await {
            Ok(()) => OK.to_owned(),
            Err(status) => status.message().to_owned(),
        };
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if seen.health != health {
            match health.as_str() {
                OK => tracing::info!("the key is ready"),
                health => tracing::warn!(health, "the key cannot be used"),
            }
            seen.health.clone_from(&health);
        }
        let key_id = seen.key_id.as_ref();
        StatusResponse {
            version: VERSION.to_owned(),
            healthz: health,
            key_id: key_id.map(KeyId::to_string).unwrap_or_default(),
        }
    }

    /// Looks how the plugin is, for the log.
    pub(super) async fn check_health(&self) {
        self.status().await;
    }

    /// Encrypts with the current material.
    pub(super) async fn encrypt(&self, request: EncryptRequest) -> Result<EncryptResponse, Status> {
        let plaintext = Zeroizing::new(request.plaintext);
        if plaintext.is_empty() || plaintext.len() > MAX_PLAINTEXT {
            let text = format!("a plaintext has 1 to {MAX_PLAINTEXT} bytes");
            return Err(Status::invalid_argument(text));
        }
        // If the key rotates between the two calls, the ciphertext goes by the name of the material
        // before. It opens all the same, and is replaced as soon as the new name is seen.
        let key_id = self.current().await?;
        let input = Members::of(key_id.arn()).and("Plaintext", &plaintext);
        let answer: EncryptAnswer = self.call("Encrypt", input.finish(false)).await?;
        Ok(EncryptResponse {
            ciphertext: pem::decoded(&answer.ciphertext_blob).ok_or_else(malformed)?,
            key_id: key_id.to_string(),
            annotations: HashMap::from([(FORM.to_owned(), FORM_1.to_vec())]),
        })
    }

    /// Opens what was encrypted with any key that the plugin ever had.
    pub(super) async fn decrypt(&self, request: DecryptRequest) -> Result<DecryptResponse, Status> {
        let key_id = KeyId::parse(&request.key_id)
            .map_err(|NotAKeyId| Status::invalid_argument("the key_id is none of this plugin"))?;
        if request.annotations != HashMap::from([(FORM.to_owned(), FORM_1.to_vec())]) {
            return Err(Status::invalid_argument(
                "the annotations are none of this plugin",
            ));
        }
        if request.ciphertext.is_empty() || request.ciphertext.len() > MAX_CIPHERTEXT {
            let text = format!("a ciphertext has 1 to {MAX_CIPHERTEXT} bytes");
            return Err(Status::invalid_argument(text));
        }
        let input = Members::of(key_id.arn()).and("CiphertextBlob", &request.ciphertext);
        let answer = self.call::<DecryptAnswer>("Decrypt", input.finish(false));
        let answer = answer.await.map_err(blame_key_id)?;
        let plaintext = Zeroizing::new(answer.plaintext);
        Ok(DecryptResponse {
            plaintext: pem::decoded(&plaintext).ok_or_else(malformed)?,
        })
    }

    async fn probe(&self) -> Result<(), Status> {
        let key_id = self.current().await?;
        let input = Members::of(key_id.arn()).and("Plaintext", &[0]);
        match self.client.call(KMS, "Encrypt", input.finish(true)).await {
            Err(error) if error.code() == Some("DryRunOperationException") => Ok(()),
            Err(error) => Err(status(&error)),
            Ok(_) => Err(Status::internal("the server does not know dry runs")),
        }
    }

    /// What the key is now. Fails unless it is enabled.
    async fn current(&self) -> Result<KeyId, Status> {
        let input = Zeroizing::new(json!({ "KeyId": self.key }).to_string().into_bytes());
        let answer: DescribeKeyResponse = self.call("DescribeKey", input).await?;
        let KeyMetadata {
            arn,
            key_state,
            current_key_material_id,
        } = answer.key_metadata;
        let key_id = KeyId::new(arn, current_key_material_id);
        let state = match key_state.as_str() {
            "Enabled" => Ok(key_id.clone()),
            state => Err(Status::failed_precondition(format!(
                "the key {} is not enabled: {state}",
                key_id.arn()
            ))),
        };
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.key_id = Some(key_id);
        state
    }

    async fn call<T: for<'a> Deserialize<'a>>(
        &self,
        operation: &str,
        input: Zeroizing<Vec<u8>>,
    ) -> Result<T, Status> {
        let answer = self.client.call(KMS, operation, input).await;
        let answer = answer.map_err(|error| {
            let status = status(&error);
            tracing::warn!(operation, %error, "a call failed");
            status
        })?;
        serde_json::from_slice(&answer).map_err(|_| malformed())
    }
}

/// The input of a call that may hold a plaintext: one allocation, which is wiped.
struct Members(Zeroizing<Vec<u8>>);

impl Members {
    fn of(arn: &str) -> Self {
        let mut json = Zeroizing::new(Vec::with_capacity(2 * MAX_CIPHERTEXT));
        let (name, value) = CONTEXT;
        let context = json!({ name: value });
        let head = format!(
            r#"{{"KeyId":{},"EncryptionContext":{context}"#,
            Value::from(arn)
        );
        json.extend_from_slice(head.as_bytes());
        Self(json)
    }

    fn and(mut self, member: &str, blob: &[u8]) -> Self {
        let digits = Zeroizing::new(pem::base64(blob));
        for part in [",\"", member, "\":\"", &digits, "\""] {
            self.0.extend_from_slice(part.as_bytes());
        }
        self
    }

    fn finish(mut self, dry_run: bool) -> Zeroizing<Vec<u8>> {
        if dry_run {
            self.0.extend_from_slice(b",\"DryRun\":true");
        }
        self.0.push(b'}');
        self.0
    }
}

fn malformed() -> Status {
    Status::internal("the server's answer is malformed")
}

/// A refusal in the words of gRPC.
fn status(error: &CallError) -> Status {
    let code = match (error, error.code().unwrap_or_default()) {
        (CallError::Unreachable(_) | CallError::Late(_), _) => Code::Unavailable,
        (CallError::Credentials(_), _) => Code::Unauthenticated,
        _ if error.is_denial() => Code::PermissionDenied,
        (_, "InvalidCiphertextException" | "IncorrectKeyException" | "ValidationException") => {
            Code::InvalidArgument
        }
        (
            _,
            "DisabledException"
            | "InvalidKeyUsageException"
            | "KMSInvalidStateException"
            | "NotFoundException"
            | "InvalidArnException",
        ) => Code::FailedPrecondition,
        (_, "ThrottlingException" | "LimitExceededException") => Code::ResourceExhausted,
        (_, "KeyUnavailableException" | "DependencyTimeoutException") => Code::Unavailable,
        _ => Code::Internal,
    };
    Status::new(code, error.to_string())
}

/// That a key is not there is the fault of the `key_id`, where the request brought one.
fn blame_key_id(status: Status) -> Status {
    let not_there = ["NotFoundException", "InvalidArnException"];
    if not_there.iter().any(|code| status.message().contains(code)) {
        return Status::invalid_argument(status.message());
    }
    status
}
