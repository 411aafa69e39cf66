//! The messages of Kubernetes' `v2.KeyManagementService`, by field numbers. Written as `prost` types
//! so that neither a build nor a review needs a protobuf compiler.

use std::collections::HashMap;

use prost::Message;

/// Asks how the plugin is.
#[derive(Clone, PartialEq, Message)]
pub(super) struct StatusRequest {}

/// How the plugin is.
#[derive(Clone, PartialEq, Message)]
pub(super) struct StatusResponse {
    /// The API's version, `v2`.
    #[prost(string, tag = "1")]
    pub(super) version: String,
    /// `ok`, or what is wrong.
    #[prost(string, tag = "2")]
    pub(super) healthz: String,
    /// What [`EncryptResponse::key_id`] would be now.
    #[prost(string, tag = "3")]
    pub(super) key_id: String,
}

/// Asks for a plaintext.
#[derive(Clone, PartialEq, Message)]
#[prost(skip_debug)]
pub(super) struct DecryptRequest {
    /// As [`EncryptResponse::ciphertext`].
    #[prost(bytes = "vec", tag = "1")]
    pub(super) ciphertext: Vec<u8>,
    /// Names the request in logs.
    #[prost(string, tag = "2")]
    pub(super) uid: String,
    /// As [`EncryptResponse::key_id`].
    #[prost(string, tag = "3")]
    pub(super) key_id: String,
    /// As [`EncryptResponse::annotations`].
    #[prost(map = "string, bytes", tag = "4")]
    pub(super) annotations: HashMap<String, Vec<u8>>,
}

/// A plaintext.
#[derive(Clone, PartialEq, Message)]
#[prost(skip_debug)]
pub(super) struct DecryptResponse {
    /// The plaintext.
    #[prost(bytes = "vec", tag = "1")]
    pub(super) plaintext: Vec<u8>,
}

/// Asks to encrypt.
#[derive(Clone, PartialEq, Message)]
#[prost(skip_debug)]
pub(super) struct EncryptRequest {
    /// The plaintext; a seed of 32 bytes, as API servers are now.
    #[prost(bytes = "vec", tag = "1")]
    pub(super) plaintext: Vec<u8>,
    /// Names the request in logs.
    #[prost(string, tag = "2")]
    pub(super) uid: String,
}

/// A ciphertext and what must come back with it.
#[derive(Clone, PartialEq, Message)]
#[prost(skip_debug)]
pub(super) struct EncryptResponse {
    /// The ciphertext; API servers take at most 1 KiB.
    #[prost(bytes = "vec", tag = "1")]
    pub(super) ciphertext: Vec<u8>,
    /// What it was encrypted with; nothing secret.
    #[prost(string, tag = "2")]
    pub(super) key_id: String,
    /// Kept beside the ciphertext; the names are fully qualified domain names.
    #[prost(map = "string, bytes", tag = "3")]
    pub(super) annotations: HashMap<String, Vec<u8>>,
}
