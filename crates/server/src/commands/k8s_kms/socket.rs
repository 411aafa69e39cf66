//! The Unix socket: who may connect, what is left of a plugin that was killed, draining.

use std::convert::Infallible;
use std::fs;
use std::io::ErrorKind;
use std::os::unix::fs::{FileTypeExt as _, MetadataExt as _};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use hyper::server::conn::http2;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use rustix::fs::Mode;
use rustix::process::umask;
use tokio::net::UnixListener;
use tokio::sync::watch;

use super::plugin::Plugin;
use super::service;
use crate::exit::Failure;

/// How long running calls may take to end.
const DRAIN: Duration = Duration::from_secs(10);
/// How long a connection may be dead before it is noticed.
const KEEP_ALIVE: Duration = Duration::from_secs(30);
/// How many calls a connection may have open.
const STREAMS: u32 = 256;

/// A listening socket. Its file is removed when it ends.
pub(super) struct Socket {
    listener: UnixListener,
    file: File,
}

/// The socket's file.
struct File {
    path: PathBuf,
    /// Device and inode: another plugin may have put its own file there.
    identity: Option<(u64, u64)>,
}

impl Socket {
    /// Makes the socket, for the user alone that the program runs as. Takes the place of a socket
    /// that nobody listens at.
    pub(super) fn bind(path: PathBuf) -> Result<Self, Failure> {
        let shown = path.display().to_string();
        remove_stale(&path)?;
        // Permissions that come after the file would come too late.
        let before = umask(Mode::from_raw_mode(0o177));
        let bound = UnixListener::bind(&path);
        umask(before);
        let listener = bound
            .map_err(|error| Failure::failed(format!("cannot listen at `{shown}`: {error}")))?;
        let identity = identity(&path);
        let file = File { path, identity };
        Ok(Self { listener, file })
    }

    /// Where it is.
    pub(super) fn path(&self) -> &Path {
        &self.file.path
    }

    /// Serves until `stop` becomes true, then lets running calls end.
    pub(super) async fn serve(self, plugin: Arc<Plugin>, mut stop: watch::Receiver<bool>) {
        let draining = GracefulShutdown::new();
        loop {
            let accepted = tokio::select! {
                accepted = self.listener.accept() => accepted,
                _ = stop.wait_for(|stop| *stop) => break,
            };
            let stream = match accepted {
                Ok((stream, _)) => stream,
                Err(error) => {
                    tracing::warn!(%error, "a connection could not be accepted");
                    tokio::time::sleep(Duration::from_millis(20)).await;
                    continue;
                }
            };
            let plugin = Arc::clone(&plugin);
            let service = service_fn(move |request| {
                let plugin = Arc::clone(&plugin);
                async move { Ok::<_, Infallible>(service::answer(plugin, request).await) }
            });
            let connection = http2::Builder::new(TokioExecutor::new())
                .timer(TokioTimer::new())
                .keep_alive_interval(KEEP_ALIVE)
                .max_concurrent_streams(STREAMS)
                .serve_connection(TokioIo::new(stream), service);
            let watched = draining.watch(connection);
            tokio::spawn(async move {
                if let Err(error) = watched.await {
                    tracing::debug!(%error, "a connection ended early");
                }
            });
        }
        drop(self);
        tokio::select! {
            () = draining.shutdown() => {}
            () = tokio::time::sleep(DRAIN) => tracing::warn!("calls still ran when the time to end them was over"),
        }
    }
}

impl Drop for File {
    fn drop(&mut self) {
        if self.identity.is_some() && identity(&self.path) == self.identity {
            // Nothing is lost if it stays: the next start removes it.
            let _ = fs::remove_file(&self.path);
        }
    }
}

fn identity(path: &Path) -> Option<(u64, u64)> {
    let found = fs::symlink_metadata(path).ok()?;
    Some((found.dev(), found.ino()))
}

/// Removes a socket that nobody listens at. Fails if somebody does, or if it is no socket.
fn remove_stale(path: &Path) -> Result<(), Failure> {
    let shown = path.display();
    let Ok(found) = fs::symlink_metadata(path) else {
        return Ok(());
    };
    if !found.file_type().is_socket() {
        let text = format!("`{shown}` is there and is no socket; name another path with --socket");
        return Err(Failure::usage(text));
    }
    match UnixStream::connect(path) {
        Err(error) if error.kind() == ErrorKind::ConnectionRefused => fs::remove_file(path)
            .map_err(|error| Failure::failed(format!("cannot remove `{shown}`: {error}"))),
        Err(error) => Err(Failure::failed(format!(
            "cannot look at `{shown}`: {error}"
        ))),
        Ok(_) => Err(Failure::failed(format!(
            "somebody listens at `{shown}` already; stop it, or name another path with --socket"
        ))),
    }
}
