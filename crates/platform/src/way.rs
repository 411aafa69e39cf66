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
        parameters: &'d str,
    ) -> Draft<'d> {
        Draft {
            service: route.service.table,
            operation,
            protocol: route.protocol,
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
    let mut text = vec![b'-'; 36];
    // The digits of each byte begin here.
    let places = [0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34];
    for (place, byte) in places.into_iter().zip(bytes) {
        if let Some([high, low]) = text.get_mut(place..place + 2) {
            *high = digit(byte >> 4);
            *low = digit(byte & 15);
        }
    }
    String::from_utf8(text).unwrap_or_default()
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

fn digit(nibble: u8) -> u8 {
    nibble + if nibble < 10 { b'0' } else { b'a' - 10 }
}
