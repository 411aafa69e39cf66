//! SQL Server: the tabular data stream as far as logging in and batches without rows go
//! (MS-TDS, "Tabular Data Stream Protocol", version 7.4).

mod login7;
mod packet;
mod tunnel;

use zeroize::Zeroizing;

use self::packet::{Kind, Packets};
use self::tunnel::Tunnel;
use crate::bytes::Rest;
use crate::failure::Failure;
use crate::login::{Login, Tls};
use crate::network::{Network, Stream};

/// What a client says of encryption before it logs in: with it, or without.
const ENCRYPT_ON: u8 = 1;
const ENCRYPT_NOT_SUP: u8 = 2;
/// What a server says that wants it for everybody.
const ENCRYPT_REQ: u8 = 3;
/// The one request of a session's first transaction (`ALL_HEADERS`, transaction descriptor).
const HEADERS: [u8; 22] = [
    22, 0, 0, 0, 18, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0,
];
/// The error of a login that fails.
const LOGIN_FAILED: u32 = 18_456;

/// A session of a user who has logged in.
pub(crate) struct SqlServer {
    packets: Packets,
}

impl SqlServer {
    /// Logs in.
    pub(crate) async fn enter(network: &dyn Network, login: &Login) -> Result<Self, Failure> {
        if login.tls != Tls::Off {
            match Self::try_enter(network, login, true).await {
                Err(Failure::Tls) if login.tls == Tls::Preferred => {}
                entered => return entered,
            }
        }
        Self::try_enter(network, login, false).await
    }

    /// Asks for something that every user may ask for.
    pub(crate) async fn ask(&mut self) -> Result<(), Failure> {
        self.batch("DECLARE @now datetime2 = SYSUTCDATETIME()")
            .await
    }

    /// Gives the user of this session, who logged in with `used`, the password of `pending`: as a
    /// login of the server, or as a user that a contained database knows by itself.
    pub(crate) async fn set_own_password(
        &mut self,
        used: &Login,
        pending: &Login,
    ) -> Result<(), Failure> {
        let name = identifier(&pending.username);
        let passwords = Zeroizing::new(format!(
            "WITH PASSWORD = {} OLD_PASSWORD = {}",
            &*literal(pending.password.expose()),
            &*literal(used.password.expose())
        ));
        let statement = format!(
            "IF EXISTS (SELECT 1 FROM sys.database_principals WHERE name = {} \
             AND authentication_type = 2) ALTER USER {name} {} ELSE ALTER LOGIN {name} {}",
            &*literal(&pending.username),
            &*passwords,
            &*passwords
        );
        self.batch(&Zeroizing::new(statement)).await
    }

    async fn try_enter(
        network: &dyn Network,
        login: &Login,
        encrypted: bool,
    ) -> Result<Self, Failure> {
        let mut stream = network.connect(&login.host, login.port, !encrypted).await?;
        let wish = if encrypted {
            ENCRYPT_ON
        } else {
            ENCRYPT_NOT_SUP
        };
        let answer = agree(&mut *stream, wish).await?;
        let stream = match (encrypted, answer) {
            (true, ENCRYPT_ON | ENCRYPT_REQ) => secured(network, login, stream).await?,
            (false, ENCRYPT_NOT_SUP) => stream,
            (false, ENCRYPT_REQ | ENCRYPT_ON) | (true, _) => return Err(Failure::Tls),
            (false, _) => return Err(Failure::Garbled),
        };
        let packets = Packets::over(stream);
        let mut session = Self { packets };
        let message = login7::message(login)?;
        session.packets.send(Kind::Login, &message).await?;
        match session.answer().await? {
            true => Ok(session),
            false => Err(Failure::Garbled),
        }
    }

    async fn batch(&mut self, statement: &str) -> Result<(), Failure> {
        let mut message = Zeroizing::new(HEADERS.to_vec());
        message.extend(statement.encode_utf16().flat_map(u16::to_le_bytes));
        self.packets.send(Kind::Batch, &message).await?;
        self.answer().await.map(|_| ())
    }

    /// Reads one answer; whether it confirms a login.
    async fn answer(&mut self) -> Result<bool, Failure> {
        let message = self.packets.receive().await?;
        let mut rest = Rest(&message);
        let (mut confirmed, mut done) = (false, false);
        while !rest.is_empty() {
            done = false;
            match rest.byte()? {
                0xaa => return Err(refusal(sized(&mut rest)?)),
                0xad => {
                    sized(&mut rest)?;
                    confirmed = true;
                }
                // Information, changes of the environment.
                0xab | 0xe3 => {
                    sized(&mut rest)?;
                }
                0xfd..=0xff => {
                    rest.take(12)?;
                    done = true;
                }
                _ => return Err(Failure::Garbled),
            }
        }
        match done {
            true => Ok(confirmed),
            false => Err(Failure::Garbled),
        }
    }
}

/// Says what encryption is wished for (`PRELOGIN`); returns what the server says.
async fn agree(stream: &mut dyn Stream, wish: u8) -> Result<u8, Failure> {
    // Two options, each with its place and length: the client's version, and the encryption.
    let message = [
        &[0, 0, 11, 0, 6][..],
        &[1, 0, 17, 0, 1],
        &[0xff],
        &[0, 0, 0, 0, 0, 0],
        &[wish],
    ]
    .concat();
    packet::send(stream, Kind::Prelogin, &message).await?;
    let answer = packet::receive(stream).await?;
    let mut options = Rest(&answer);
    loop {
        let option = options.byte()?;
        if option == 0xff {
            return Err(Failure::Garbled);
        }
        let (place, _) = (options.array()?, options.take(2)?);
        if option == 1 {
            let place = usize::from(u16::from_be_bytes(place));
            return answer.get(place).copied().ok_or(Failure::Garbled);
        }
    }
}

/// TLS, whose handshake goes in packets, and all that follows does not.
async fn secured(
    network: &dyn Network,
    login: &Login,
    stream: Box<dyn Stream>,
) -> Result<Box<dyn Stream>, Failure> {
    let (tunnel, end) = Tunnel::through(stream);
    let stream = network.secure(&login.host, Box::new(tunnel)).await?;
    end.leave();
    Ok(stream)
}

/// What stands behind a length of two bytes.
fn sized<'a>(rest: &mut Rest<'a>) -> Result<&'a [u8], Failure> {
    let length = u16::from_le_bytes(rest.array()?);
    rest.take(usize::from(length))
}

/// An error, by its number.
fn refusal(token: &[u8]) -> Failure {
    match Rest(token).array().map(u32::from_le_bytes) {
        Ok(LOGIN_FAILED) => Failure::Denied,
        Ok(number) => Failure::rejected(&number.to_string()),
        Err(failure) => failure,
    }
}

/// A quoted identifier.
fn identifier(name: &str) -> String {
    format!("[{}]", name.replace(']', "]]"))
}

/// A literal of Unicode characters.
fn literal(text: &str) -> Zeroizing<String> {
    Zeroizing::new(format!("N'{}'", text.replace('\'', "''")))
}
