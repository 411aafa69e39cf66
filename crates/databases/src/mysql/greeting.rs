//! What a server says first, and what a client answers.

use zeroize::Zeroizing;

use super::packet::refusal;
use crate::bytes::Rest;
use crate::failure::Failure;
use crate::login::Login;

const LONG_PASSWORD: u32 = 1;
const CONNECT_WITH_DB: u32 = 1 << 3;
const PROTOCOL_41: u32 = 1 << 9;
const SSL: u32 = 1 << 11;
const TRANSACTIONS: u32 = 1 << 13;
const SECURE_CONNECTION: u32 = 1 << 15;
const PLUGIN_AUTH: u32 = 1 << 19;
/// `utf8mb4_general_ci`.
const UTF8: u8 = 45;
/// How long a packet this client takes.
const LONGEST: u32 = 1 << 24;

/// The first packet of a server (`HandshakeV10`).
pub(super) struct Greeting {
    pub(super) is_mariadb: bool,
    /// The method that it prefers.
    pub(super) plugin: Vec<u8>,
    /// What a proof answers.
    pub(super) nonce: Vec<u8>,
    capabilities: u32,
}

impl Greeting {
    /// Reads it. A server that is too old to know its parts is not spoken to.
    pub(super) fn read(packet: &[u8]) -> Result<Self, Failure> {
        let mut rest = Rest(packet);
        match rest.byte()? {
            10 => {}
            0xff => return Err(refusal(packet)),
            _ => return Err(Failure::Garbled),
        }
        let version = rest.until_zero()?;
        let is_mariadb = version.windows(7).any(|part| part == b"MariaDB");
        rest.take(4)?;
        let mut nonce = rest.take(8)?.to_vec();
        rest.take(1)?;
        let low: [u8; 2] = rest.array()?;
        rest.take(3)?;
        let high: [u8; 2] = rest.array()?;
        let capabilities = u32::from_le_bytes([low[0], low[1], high[0], high[1]]);
        let needed = PROTOCOL_41 | SECURE_CONNECTION | PLUGIN_AUTH;
        if capabilities & needed != needed {
            return Err(Failure::Garbled);
        }
        let length = usize::from(rest.byte()?);
        rest.take(10)?;
        let more = rest.take(length.saturating_sub(8).max(13))?;
        nonce.extend_from_slice(more.strip_suffix(&[0]).unwrap_or(more));
        let plugin = rest.until_zero().unwrap_or(rest.0).to_vec();
        Ok(Self {
            is_mariadb,
            plugin,
            nonce,
            capabilities,
        })
    }

    pub(super) fn has_tls(&self) -> bool {
        self.capabilities & SSL != 0
    }

    /// `SSLRequest`.
    pub(super) fn tls_request(&self) -> Vec<u8> {
        head(LONG_PASSWORD | PROTOCOL_41 | SSL | TRANSACTIONS | SECURE_CONNECTION | PLUGIN_AUTH)
    }

    /// `HandshakeResponse41`.
    pub(super) fn response(
        &self,
        login: &Login,
        plugin: &[u8],
        proof: &[u8],
        encrypted: bool,
    ) -> Result<Zeroizing<Vec<u8>>, Failure> {
        let mut flags =
            LONG_PASSWORD | PROTOCOL_41 | TRANSACTIONS | SECURE_CONNECTION | PLUGIN_AUTH;
        if encrypted {
            flags |= SSL;
        }
        if login.dbname.is_some() {
            flags |= CONNECT_WITH_DB;
        }
        let mut packet = Zeroizing::new(head(flags));
        packet.extend_from_slice(login.username.as_bytes());
        packet.push(0);
        packet.push(u8::try_from(proof.len()).map_err(|_| Failure::Garbled)?);
        packet.extend_from_slice(proof);
        if let Some(database) = &login.dbname {
            packet.extend_from_slice(database.as_bytes());
            packet.push(0);
        }
        packet.extend_from_slice(plugin);
        packet.push(0);
        Ok(packet)
    }
}

fn head(flags: u32) -> Vec<u8> {
    let mut head = flags.to_le_bytes().to_vec();
    head.extend_from_slice(&LONGEST.to_le_bytes());
    head.push(UTF8);
    head.extend_from_slice(&[0; 23]);
    head
}
