//! Events as queries see them, and the pointers that lead back to them.

use std::sync::Arc;

/// A log event.
#[derive(Clone, Copy)]
pub struct Event<'e> {
    /// `@timestamp`, in milliseconds.
    pub millis: i64,
    /// `@ingestionTime`, in milliseconds.
    pub ingested_millis: i64,
    /// `@message`
    pub message: &'e str,
    /// `@logStream`
    pub stream: &'e str,
    /// `@log`: account and log group, `111122223333:group`.
    pub log: &'e Arc<str>,
    /// Where the event stands in its group, in the words of who keeps it.
    pub place: [u64; 4],
}

/// What `@ptr` says: where an event stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pointer {
    /// Account and log group.
    pub log: Arc<str>,
    /// The event's place in the group.
    pub place: [u64; 4],
}

impl Pointer {
    /// The value of `@ptr`.
    pub fn text(&self) -> String {
        let place = self.place.iter().map(|part| format!("{part:016x}"));
        let log = self.log.bytes().map(|byte| format!("{byte:02x}"));
        place.chain(log).collect()
    }

    /// Reads [`text`](Self::text).
    pub fn parse(text: &str) -> Option<Self> {
        let (digits, rest) = text.as_bytes().as_chunks::<2>();
        let byte = |pair: &[u8; 2]| u8::from_str_radix(str::from_utf8(pair).ok()?, 16).ok();
        let bytes: Option<Vec<u8>> = digits.iter().map(byte).collect();
        let bytes = bytes.filter(|_| rest.is_empty())?;
        let (place, log) = bytes.split_at_checked(32)?;
        let mut parts = [0; 4];
        let (chunks, _) = place.as_chunks::<8>();
        for (part, chunk) in parts.iter_mut().zip(chunks) {
            *part = u64::from_be_bytes(*chunk);
        }
        Some(Self {
            log: str::from_utf8(log).ok()?.into(),
            place: parts,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pointers_are_read_back() {
        let pointer = Pointer {
            log: "111122223333:/aws/é".into(),
            place: [1, u64::MAX, 3, 0],
        };
        assert_eq!(Pointer::parse(&pointer.text()), Some(pointer));
        for text in ["", "00", "not digits", "é", &"0".repeat(65)] {
            assert_eq!(Pointer::parse(text), None, "{text}");
        }
    }
}
