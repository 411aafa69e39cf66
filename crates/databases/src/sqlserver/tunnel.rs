//! The handshake of TLS inside packets (MS-TDS, "PRELOGIN": the TLS payload), and nothing in packets
//! once that is over.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::packet::{HEADER, Kind, header};
use crate::network::Stream;

/// How much of a handshake goes into one packet.
const LONGEST: usize = 4096 - HEADER;

/// A connection whose bytes go in packets.
pub(super) struct Tunnel {
    stream: Box<dyn Stream>,
    over: Arc<AtomicBool>,
    /// The header that is being read, and how much of it is there.
    header: [u8; HEADER],
    read: usize,
    /// How many bytes of the packet are still to be read.
    left: usize,
    /// What is still to be sent: bare, then as packets.
    bare: Vec<u8>,
    packed: Vec<u8>,
}

/// Ends a tunnel.
pub(super) struct End(Arc<AtomicBool>);

impl End {
    /// From now on, bytes go as they are.
    pub(super) fn leave(self) {
        self.0.store(true, Ordering::Release);
    }
}

impl Tunnel {
    /// A tunnel, and what ends it.
    pub(super) fn through(stream: Box<dyn Stream>) -> (Self, End) {
        let over = Arc::<AtomicBool>::default();
        let end = End(Arc::clone(&over));
        let tunnel = Self {
            stream,
            over,
            header: [0; HEADER],
            read: 0,
            left: 0,
            bare: Vec::new(),
            packed: Vec::new(),
        };
        (tunnel, end)
    }

    fn is_over(&self) -> bool {
        self.over.load(Ordering::Acquire)
    }

    /// Sends what waits.
    fn poll_sent(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        for (part, number) in std::mem::take(&mut self.bare).chunks(LONGEST).zip(1..) {
            let header = header(Kind::Prelogin, part.len(), true, number);
            self.packed.extend_from_slice(&header);
            self.packed.extend_from_slice(part);
        }
        while !self.packed.is_empty() {
            let sent = Pin::new(&mut self.stream).poll_write(context, &self.packed);
            match ready!(sent)? {
                0 => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                sent => drop(self.packed.drain(..sent)),
            }
        }
        Pin::new(&mut self.stream).poll_flush(context)
    }

    /// Reads headers until there are bytes of a packet to read; false at the end of the connection.
    fn poll_header(&mut self, context: &mut Context<'_>) -> Poll<io::Result<bool>> {
        while self.left == 0 {
            let mut rest = ReadBuf::new(self.header.get_mut(self.read..).unwrap_or_default());
            ready!(Pin::new(&mut self.stream).poll_read(context, &mut rest))?;
            match rest.filled().len() {
                0 => return Poll::Ready(Ok(false)),
                read => self.read += read,
            }
            if self.read == HEADER {
                let [_, _, high, low, ..] = self.header;
                let length = usize::from(u16::from_be_bytes([high, low]));
                let short = || io::Error::from(io::ErrorKind::InvalidData);
                self.left = length.checked_sub(HEADER).ok_or_else(short)?;
                self.read = 0;
            }
        }
        Poll::Ready(Ok(true))
    }
}

impl AsyncRead for Tunnel {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.is_over() && self.left == 0 {
            return Pin::new(&mut self.stream).poll_read(context, buffer);
        }
        if !self.bare.is_empty() || !self.packed.is_empty() {
            ready!(self.poll_sent(context))?;
        }
        if !ready!(self.poll_header(context))? {
            return Poll::Ready(Ok(()));
        }
        let length = self.left.min(buffer.remaining());
        let mut part = buffer.take(length);
        ready!(Pin::new(&mut self.stream).poll_read(context, &mut part))?;
        let read = part.filled().len();
        let filled = part.filled().to_vec();
        buffer.put_slice(&filled);
        self.left -= read;
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Tunnel {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        if self.is_over() {
            if !self.packed.is_empty() || !self.bare.is_empty() {
                ready!(self.poll_sent(context))?;
            }
            return Pin::new(&mut self.stream).poll_write(context, bytes);
        }
        self.bare.extend_from_slice(bytes);
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.poll_sent(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_sent(context))?;
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
