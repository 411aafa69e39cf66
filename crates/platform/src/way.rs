//! What one request is known by from its arrival to its answer: when, from where, and the ids of
//! its answer and its event.

use std::net::IpAddr;
use std::sync::Arc;

use aws_lc_rs::digest;
use crypto::{Random, RandomFailure};
use http::HeaderName;
use http::header::{HOST, REFERER, USER_AGENT};
use http::request::Parts;
use store::Event;
use wire::Timestamp;
use wire::shape::OperationTable;

use crate::ctx::{Connection, TlsSession};
use crate::identify::Identity;
use crate::record::{Draft, Payload};
use crate::route::{Route, header};
use crate::service_call::Through;

/// A request on its way through the pipeline.
pub(crate) struct Way {
    pub(crate) connection: Arc<Connection>,
    pub(crate) now: Timestamp,
    pub(crate) request_id: String,
    pub(crate) event_id: String,
    /// Nothing: requests come from outside.
    pub(crate) through: Through,
}

impl Way {
    /// A request that arrived at `now` from `peer`, over TLS if `secure`.
    pub(crate) fn begin(
        random: &dyn Random,
        now: Timestamp,
        parts: &Parts,
        (peer, secure): (Option<IpAddr>, bool),
    ) -> Result<Self, RandomFailure> {
        let mut bytes = [[0; 16]; 2];
        random.fill(bytes.as_flattened_mut())?;
        let [request_id, event_id] = bytes.map(uuid);
        let text = |name: HeaderName| header(&parts.headers, &name).map(str::to_owned);
        let (user_agent, referer) = (text(USER_AGENT), text(REFERER));
        let connection = Connection {
            peer,
            secure,
            user_agent,
            referer,
            host: text(HOST),
            tls: parts.extensions.get::<TlsSession>().copied(),
        };
        Ok(Self {
            connection: Arc::new(connection),
            now,
            request_id,
            event_id,
            through: Through::default(),
        })
    }

    pub(crate) fn draft<'d>(
        &'d self,
        route: &Route<'_>,
        operation: &'static OperationTable,
        identity: &'d Identity,
        parameters: &'d [u8],
    ) -> Draft<'d> {
        Draft {
            service: route.service.table,
            operation,
            caller: &identity.caller,
            region: &identity.region,
            connection: &self.connection,
            now: self.now,
            request_id: &self.request_id,
            event_id: &self.event_id,
            parameters,
            through: &self.through,
        }
    }

    pub(crate) fn event(&self, payload: Payload) -> Event {
        payload.at(self.now)
    }
}

/// The UUID, version 4, of random bytes.
pub(crate) fn uuid(mut bytes: [u8; 16]) -> String {
    bytes[6] = (bytes[6] & 0x0F) | 0x40;
    bytes[8] = (bytes[8] & 0x3F) | 0x80;
    let mut digits = [[0; 8]; 4];
    let (words, _) = bytes.as_chunks();
    for (digits, word) in digits.iter_mut().zip(words) {
        *digits = hexadecimal(*word);
    }
    let mut text = [b'-'; 36];
    // Where digits stand without a dash among them, and how many.
    let mut left = digits.as_flattened();
    for (start, length) in [(0, 8), (9, 4), (14, 4), (19, 4), (24, 12)] {
        let place = text.get_mut(start..start + length);
        if let (Some(place), Some((run, after))) = (place, left.split_at_checked(length)) {
            place.copy_from_slice(run);
            left = after;
        }
    }
    str::from_utf8(&text).unwrap_or_default().to_owned()
}

/// The digits of four bytes, all at once: each half of a byte in a byte of its own, and a letter where
/// it is ten or more.
fn hexadecimal(bytes: [u8; 4]) -> [u8; 8] {
    const ONES: u64 = 0x0101_0101_0101_0101;
    let word = u64::from(u32::from_be_bytes(bytes));
    let word = (word << 16 | word) & 0x0000_FFFF_0000_FFFF;
    let word = (word << 8 | word) & 0x00FF_00FF_00FF_00FF;
    let halves = (word << 4 | word) & 0x0F0F_0F0F_0F0F_0F0F;
    let letters = ((halves + 6 * ONES) >> 4) & ONES;
    let digits = halves + u64::from(b'0') * ONES + letters * u64::from(b'a' - b'0' - 10);
    digits.to_be_bytes()
}

/// An id that follows from another one, which is random, and `of`.
pub(crate) fn derived_id(id: &str, of: &str) -> String {
    let mut hash = digest::Context::new(&digest::SHA256);
    hash.update(id.as_bytes());
    hash.update(b"/");
    hash.update(of.as_bytes());
    let bytes = hash.finish().as_ref().first_chunk().copied();
    uuid(bytes.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uuids_are_the_digits_of_their_bytes() {
        for byte in 0..=u8::MAX {
            let bytes = [
                byte, !byte, 0, byte, 0xFF, 0x0A, byte, 0x9F, !byte, byte, 1, 2, byte, 0xA0, 9,
                byte,
            ];
            let digits: Vec<String> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
            let digits = digits.concat();
            let version = format!("4{}", &digits[13..16]);
            let variant = (bytes[8] & 0x3F) | 0x80;
            let expected = format!(
                "{}-{}-{version}-{variant:02x}{}-{}",
                &digits[..8],
                &digits[8..12],
                &digits[18..20],
                &digits[20..]
            );
            assert_eq!(uuid(bytes), expected);
        }
    }
}
