//! AWS types and tables, one generated file per service.
//!
//! `cargo xtask codegen` writes everything but this file from the API models that
//! `services.toml` pins. Inputs are read only and outputs are write only; nothing here can be
//! printed, since a request may hold plaintext.
#![expect(missing_docs, reason = "members are named as in AWS's documentation")]

pub mod cloudtrail;
pub mod events;
pub mod iam;
pub mod kms;
pub mod lambda;
pub mod logs;
pub mod organizations;
pub mod secretsmanager;
pub mod servicequotas;
pub mod sns;
pub mod sqs;
pub mod ssm;
pub mod sts;
