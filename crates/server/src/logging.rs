//! Structured logs on standard error. They never hold a request's contents: types that carry
//! secrets have no `Debug`.

use std::io::IsTerminal as _;

use tracing_subscriber::EnvFilter;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::reload;
use tracing_subscriber::util::SubscriberInitExt as _;

use crate::cli::LogFormat;
use crate::exit::Failure;

/// Changes the filter of a running program.
pub type Reload = Box<dyn Fn(&str) -> Result<(), String> + Send + Sync>;

/// Starts logging; returns how to change the filter.
pub fn start(filter: &str, format: Option<LogFormat>) -> Result<Reload, Failure> {
    let parsed = EnvFilter::try_new(filter)
        .map_err(|error| Failure::usage(format!("`{filter}` is no log filter: {error}")))?;
    let (layer, handle) = reload::Layer::new(parsed);
    let format = format.unwrap_or(match std::io::stderr().is_terminal() {
        true => LogFormat::Text,
        false => LogFormat::Json,
    });
    let registry = tracing_subscriber::registry().with(layer);
    let lines = tracing_subscriber::fmt::layer().with_writer(std::io::stderr);
    let started = match format {
        LogFormat::Json => registry.with(lines.json().flatten_event(true)).try_init(),
        LogFormat::Text => registry.with(lines).try_init(),
    };
    started.map_err(|error| Failure::failed(format!("cannot start logging: {error}")))?;
    Ok(Box::new(move |filter| {
        let parsed = EnvFilter::try_new(filter).map_err(|error| error.to_string())?;
        handle.reload(parsed).map_err(|error| error.to_string())
    }))
}
