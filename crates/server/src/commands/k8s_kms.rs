//! `strongroom k8s-kms`: a KMS v2 plugin of Kubernetes, a gRPC server on a Unix socket that the API
//! server asks to seal what it writes to etcd ("Using a KMS provider for data encryption").

mod key_id;
mod messages;
mod plugin;
mod service;
mod socket;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

use self::plugin::Plugin;
use self::socket::Socket;
use super::{print, say};
use crate::cli::PluginOptions;
use crate::client::Client;
use crate::exit::Failure;
use crate::settings::{self, PluginSettings};
use crate::{logging, process};

/// Serves until it is told to stop, or prints the API server's configuration.
pub(super) fn run(options: &PluginOptions) -> Result<(), Failure> {
    let settings = settings::plugin(options)?;
    let socket = std::path::absolute(&settings.socket)
        .map_err(|error| Failure::usage(format!("the socket's path cannot be used: {error}")))?;
    if options.print_config {
        return print(configuration(&socket)?.as_bytes());
    }
    let _ = logging::start("info", None)?;
    process::harden();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(|error| Failure::failed(format!("cannot start the runtime: {error}")))?;
    runtime.block_on(serve(settings, socket))
}

async fn serve(settings: PluginSettings, path: PathBuf) -> Result<(), Failure> {
    let PluginSettings {
        key,
        endpoint,
        region,
        ..
    } = settings;
    let place = endpoint.to_string();
    let plugin = Arc::new(Plugin::new(Client::new(endpoint, region)?, key));
    let listen = |kind| {
        signal(kind).map_err(|error| Failure::failed(format!("cannot listen for signals: {error}")))
    };
    let mut terminate = listen(SignalKind::terminate())?;
    let mut interrupt = listen(SignalKind::interrupt())?;
    let socket = Socket::bind(path)?;
    // A server or key that is not there yet may come: the API server asks again every minute.
    plugin.check_health().await;
    say(&format!("keys are at {place}"));
    let line = format!(
        "strongroom k8s-kms is ready at unix://{}\n",
        socket.path().display()
    );
    print(line.as_bytes())?;

    let (stop, stopping) = watch::channel(false);
    let serving = tokio::spawn(async move { socket.serve(plugin, stopping).await });
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    let _ = stop.send(true);
    serving
        .await
        .map_err(|error| Failure::failed(format!("the listener ended: {error}")))
}

/// What the API server takes with `--encryption-provider-config`. Secrets that are there already
/// stay readable (`identity`) until they are written again.
fn configuration(socket: &Path) -> Result<String, Failure> {
    let path = socket
        .to_str()
        .ok_or_else(|| Failure::usage("the socket's path is not valid Unicode"))?;
    // JSON strings are YAML strings.
    let endpoint = serde_json::Value::from(format!("unix://{path}"));
    Ok(format!(
        "apiVersion: apiserver.config.k8s.io/v1\n\
         kind: EncryptionConfiguration\n\
         resources:\n\
         \x20 - resources:\n\
         \x20     - secrets\n\
         \x20   providers:\n\
         \x20     - kms:\n\
         \x20         apiVersion: v2\n\
         \x20         name: strongroom\n\
         \x20         endpoint: {endpoint}\n\
         \x20         timeout: 3s\n\
         \x20     - identity: {{}}\n"
    ))
}
