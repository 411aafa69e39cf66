//! Work that takes long, beside the threads that serve.

use crate::fault::{Error, Result};

/// Runs `work` on a thread for such work, and gives what it gave: hashing a password on a thread
/// that serves would make everybody else wait.
pub async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(Error::internal)
}
