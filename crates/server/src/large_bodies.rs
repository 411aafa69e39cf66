//! Room for large requests, such as the packages of functions.
//!
//! A body is read before anybody knows whether its signature is right. What most operations take is
//! little enough for every connection there may be; what a few take is not.

use std::sync::Arc;

use hyper::body::SizeHint;
use platform::USUAL_BODY;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// How many large bodies are in memory at once; more wait. Each is 70 MB at most, and about as much
/// again while it is decoded.
const AT_ONCE: usize = 4;
/// Up to this size, in bytes, every connection may send a body at once.
const SMALL: usize = 8 * USUAL_BODY;

/// Lets large bodies in, a few at a time.
#[derive(Clone)]
pub struct LargeBodies(Arc<Semaphore>);

impl Default for LargeBodies {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(AT_ONCE)))
    }
}

impl LargeBodies {
    /// Waits until a body of this size may be read where one may have `limit` bytes. The place is
    /// free again when the answer is dropped; small bodies need none.
    pub async fn admit(&self, size: &SizeHint, limit: usize) -> Option<OwnedSemaphorePermit> {
        if !is_large(size, limit) {
            return None;
        }
        Arc::clone(&self.0).acquire_owned().await.ok()
    }
}

/// Whether a body may become large. One of unknown size may.
fn is_large(size: &SizeHint, limit: usize) -> bool {
    let most = size
        .upper()
        .map_or(limit as u64, |most| most.min(limit as u64));
    most > SMALL as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMIT: usize = 70_167_211;

    #[test]
    fn bodies_are_large_where_they_may_be_and_do_not_say_otherwise() {
        let small = SMALL as u64;
        assert!(!is_large(&SizeHint::with_exact(small), LIMIT));
        assert!(is_large(&SizeHint::with_exact(small + 1), LIMIT));
        assert!(is_large(&SizeHint::default(), LIMIT));
        assert!(!is_large(&SizeHint::default(), USUAL_BODY));
        assert!(!is_large(&SizeHint::with_exact(u64::MAX), USUAL_BODY));
    }

    #[tokio::test]
    async fn sec_w2_a_few_large_bodies_are_in_memory_at_once() {
        let bodies = LargeBodies::default();
        let unknown = SizeHint::default();
        let mut places = Vec::new();
        for _ in 0..AT_ONCE {
            places.push(bodies.admit(&unknown, LIMIT).await);
        }
        let mut next = Box::pin(bodies.admit(&unknown, LIMIT));
        assert!(futures_are_pending(&mut next).await);
        assert!(bodies.admit(&unknown, USUAL_BODY).await.is_none());
        places.pop();
        assert!(next.await.is_some());
    }

    async fn futures_are_pending<T>(future: &mut (impl Future<Output = T> + Unpin)) -> bool {
        tokio::select! {
            biased;
            _ = future => false,
            () = std::future::ready(()) => true,
        }
    }
}
