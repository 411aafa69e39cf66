//! Syslog over TLS (RFC 5424, RFC 5425).
//!
//! Syslog has no receipts, but TLS ends with one: a batch has a connection of its own, which is
//! closed with `close_notify`, and the receiver has to answer that once it has read what came before
//! (RFC 5425, section 4.4). A receiver that dies with the batch unread resets the connection
//! instead, and the batch is sent again.

use std::io::ErrorKind;
use std::sync::Arc;

use rustls::ClientConfig;
use store::journal::Entry;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_rustls::client::TlsStream;
use wire::Timestamp;

use super::batch::{Batch, Described};
use super::destination::{PATIENCE, Refusal};
use crate::outbound::Reach;
use crate::outbound::connect::{connect, secure};
use crate::process;

/// Facility 13, log audit, and severity 6, informational.
const AUDIT_INFO: u32 = 13 * 8 + 6;
/// The same facility with severity 4, warning: a call that failed.
const AUDIT_WARNING: u32 = 13 * 8 + 4;
/// `sequenceId` begins anew after this one (RFC 5424, section 7.3.1).
const LAST_SEQUENCE: u64 = 2_147_483_647;
/// The most that a receiver may say while it should only close.
const CHATTER: u64 = 64 * 1024;

/// A syslog receiver.
pub(super) struct Syslog {
    host: String,
    port: u16,
    tls: Arc<ClientConfig>,
    reach: Reach,
    own_name: String,
}

impl Syslog {
    /// The receiver at `host` and `port`.
    pub(super) fn new(host: &str, port: u16, tls: Arc<ClientConfig>) -> Self {
        Self {
            host: host.to_owned(),
            port,
            tls,
            reach: Reach::anywhere(),
            own_name: printable(&process::host_name(), 255),
        }
    }

    /// Sends a batch and waits for the receiver to close.
    pub(super) async fn send(&self, batch: &Batch) -> Result<(), Refusal> {
        let sent = tokio::time::timeout(PATIENCE, self.deliver(batch)).await;
        sent.unwrap_or_else(|_| Err(Refusal::because("the receiver did not confirm in time")))
    }

    async fn deliver(&self, batch: &Batch) -> Result<(), Refusal> {
        let connection = connect(&self.reach, &self.host, self.port, false).await?;
        let mut connection = secure(&self.tls, &self.host, connection).await?;
        let mut frames = Vec::new();
        for entry in batch.entries() {
            self.frame(entry, &mut frames);
        }
        let broken = |_| Refusal::because("the connection broke");
        connection.write_all(&frames).await.map_err(broken)?;
        connection.shutdown().await.map_err(broken)?;
        closed(connection).await
    }

    /// Appends one message, led by its length (RFC 5425, section 4.3).
    fn frame(&self, entry: &Entry, out: &mut Vec<u8>) {
        let head = head(entry, &self.own_name);
        let length = head.len() + entry.payload.len();
        out.extend_from_slice(format!("{length} {head}").as_bytes());
        out.extend_from_slice(&entry.payload);
    }
}

/// Everything of a message before the event, with the blank that parts them.
fn head(entry: &Entry, own_name: &str) -> String {
    let event = Described::of(entry);
    let priority = match event.error_code {
        None => AUDIT_INFO,
        Some(_) => AUDIT_WARNING,
    };
    let millis = i64::try_from(entry.now_millis).unwrap_or_default();
    let time = Timestamp { millis }.iso8601();
    let kind = printable(&event.event_type, 32);
    let sequence = entry.seq.saturating_sub(1) % LAST_SEQUENCE + 1;
    let version = env!("CARGO_PKG_VERSION");
    format!(
        "<{priority}>1 {time} {own_name} strongroom - {kind} [meta sequenceId=\"{sequence}\"]\
         [origin software=\"strongroom\" swVersion=\"{version}\"] "
    )
}

/// A field of the header: printable ASCII, `-` where there is none.
fn printable(text: &str, longest: usize) -> String {
    let kept = text.chars().filter(char::is_ascii_graphic).take(longest);
    let kept: String = kept.collect();
    if kept.is_empty() {
        "-".to_owned()
    } else {
        kept
    }
}

/// Waits for the receiver's end of the connection. Many close without `close_notify`, which is as
/// good: with anything unread, the system would have reset the connection.
async fn closed(connection: TlsStream<TcpStream>) -> Result<(), Refusal> {
    let mut said = Vec::new();
    let end = connection.take(CHATTER).read_to_end(&mut said).await;
    match end {
        Ok(length) if (length as u64) < CHATTER => Ok(()),
        Ok(_) => Err(Refusal::because("the receiver talks instead of closing")),
        Err(error) if error.kind() == ErrorKind::UnexpectedEof => Ok(()),
        Err(_) => Err(Refusal::because("the receiver did not take all of it")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_rfc_5424_with_their_length_before_them() {
        let failed = r#"{"eventType":"AwsApiCall","errorCode":"AccessDenied","x":"\u00e9"}"#;
        let batch = Batch::of(&[
            (7, r#"{"eventType":"AwsServiceEvent"}"#),
            (2_147_483_648, failed),
            (3, "[]"),
        ]);
        let heads: Vec<_> = batch.entries().iter().map(|it| head(it, "host")).collect();
        let version = env!("CARGO_PKG_VERSION");
        let expected = |priority, kind, sequence| {
            format!(
                "<{priority}>1 2026-01-01T00:00:00.123Z host strongroom - {kind} \
                 [meta sequenceId=\"{sequence}\"][origin software=\"strongroom\" \
                 swVersion=\"{version}\"] "
            )
        };
        let expected = [
            expected(110, "AwsServiceEvent", 7),
            expected(108, "AwsApiCall", 1),
            expected(110, "-", 3),
        ];
        assert_eq!(heads, expected);
    }

    #[test]
    fn fields_of_the_header_cannot_break_it() {
        assert_eq!(printable("a b\n\u{e9}c", 32), "abc");
        assert_eq!(printable("", 32), "-");
        assert_eq!(printable(&"x".repeat(40), 32).len(), 32);
    }
}
