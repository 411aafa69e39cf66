//! One GET of something that an issuer publishes.

use std::sync::Arc;

use platform::{KeySetError, OutboundFailure, OutboundRequest};
use rustls::ClientConfig;

use crate::outbound::Reach;
use crate::outbound::exchange::{Way, exchange};

/// The largest answer that is read, in bytes.
const MAX_ANSWER: usize = 256 * 1024;

/// The body of the answer to a GET of `url`. Anything but `200 OK` is a failure: an issuer that
/// redirects is not the one that was configured.
pub(super) async fn get(
    tls: &Arc<ClientConfig>,
    reach: &Reach,
    url: &str,
) -> Result<String, KeySetError> {
    let mut request = OutboundRequest::new("GET", url, "").header("accept", "application/json");
    request.largest_answer = MAX_ANSWER;
    let way = Way {
        reach,
        tls,
        plain: false,
    };
    let answer = exchange(&way, request).await.map_err(|error| match error {
        OutboundFailure::Certificate => KeySetError::Certificate,
        _ => KeySetError::Unreachable,
    })?;
    if answer.status != 200 {
        return Err(KeySetError::Unreachable);
    }
    String::from_utf8(answer.body.to_vec()).map_err(|_| KeySetError::Unreachable)
}
