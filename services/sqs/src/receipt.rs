//! Receipt handles: which message was received, and in which receipt. Each receipt draws bytes of
//! its own, so that nobody makes up a handle.

use wire::{Fault, pem};

use crate::queue::QueueRecord;
use crate::refusals;

/// What handles of this form begin with.
const FORM: &str = "SQ1";

/// A handle that was read.
pub(crate) struct Receipt {
    pub(crate) message_id: String,
    pub(crate) receipt: [u8; 16],
}

impl Receipt {
    /// The handle of a receipt of a message.
    pub(crate) fn handle(queue: &QueueRecord, message_id: &str, receipt: [u8; 16]) -> String {
        let receipt = pem::base64(&receipt);
        pem::base64(format!("{FORM} {} {message_id} {receipt}", queue.id).as_bytes())
    }

    /// Reads a handle of a receipt from `queue`.
    pub(crate) fn read(queue: &QueueRecord, handle: &str) -> Result<Self, Fault> {
        let found = pem::decoded(handle);
        let found = found.and_then(|bytes| String::from_utf8(bytes).ok());
        let read = found.and_then(|text| Self::parse(&queue.id, &text));
        read.ok_or_else(|| refusals::bad_receipt(handle))
    }

    fn parse(queue_id: &str, text: &str) -> Option<Self> {
        let mut pieces = text.split(' ');
        let is_ours = pieces.next() == Some(FORM) && pieces.next() == Some(queue_id);
        let (message_id, receipt) = (pieces.next()?, pieces.next()?);
        let receipt = pem::decoded(receipt)?.try_into().ok()?;
        (is_ours && pieces.next().is_none()).then(|| Self {
            message_id: message_id.to_owned(),
            receipt,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_handle_is_read() {
        let text = |queue: &str| format!("{FORM} {queue} m {}", pem::base64(&[7; 16]));
        let read = Receipt::parse("q", &text("q"));
        assert!(read.is_some_and(|read| read.message_id == "m" && read.receipt == [7; 16]));
        for other in [
            "",
            "x",
            &text("p"),
            &format!("{} x", text("q")),
            "SQ1 q m AAAA",
        ] {
            assert!(Receipt::parse("q", other).is_none(), "{other}");
        }
    }
}
