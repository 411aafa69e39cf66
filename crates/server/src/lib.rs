//! The program `strongroom`: listeners, the registry of services, jobs and admin commands.
//!
//! It wires the crates below together and knows no AWS operation: what a call means is decided
//! in `services/`, how it travels in `platform` and `wire`. Standard output is data, standard
//! error is talk.

pub mod admin;
pub mod agent;
pub mod assemble;
mod attestation;
pub mod cli;
pub mod client;
pub mod commands;
pub mod databases;
pub mod discovery;
pub mod exit;
pub mod forward;
pub mod http;
pub mod key_sets;
pub mod large_bodies;
pub mod listen;
pub mod logging;
pub mod metrics;
pub mod moment;
pub mod outbound;
pub mod process;
pub mod proxies;
pub mod registry;
pub mod running;
pub mod settings;
pub mod tls;
pub mod trail_directory;
pub mod trail_endpoint;
pub mod unlock;
pub mod values;
