//! The bodies of calls.

use serde::Serialize;
use zeroize::Zeroizing;

use super::CallError;

/// A call's JSON. `room` is the most bytes that it may need, however its texts are escaped: text
/// that grows would leave copies behind.
pub fn json_body(input: &impl Serialize, room: usize) -> Result<Zeroizing<Vec<u8>>, CallError> {
    let mut body = Zeroizing::new(Vec::with_capacity(room));
    match serde_json::to_writer(&mut *body, input) {
        Ok(()) => Ok(body),
        Err(error) => Err(CallError::Unreachable(format!(
            "cannot write the call: {error}"
        ))),
    }
}
