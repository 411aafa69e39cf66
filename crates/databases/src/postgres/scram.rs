//! SASL with SCRAM-SHA-256 (RFC 7677; PostgreSQL documentation, "SASL Authentication").

use crypto::Random;
use subtle::ConstantTimeEq as _;

use super::Postgres;
use crate::bytes::{Rest, text};
use crate::failure::Failure;
use crate::proof::{ScramKeys, decode, encode};

const MECHANISM: &[u8] = b"SCRAM-SHA-256";
/// No channel binding, and none that the server could think was taken away.
const HEADER: &str = "n,,";
/// How many bytes of randomness a nonce has.
const NONCE: usize = 18;

impl Postgres {
    /// Proves that the password is known, and has the server prove that it knows a verifier of it.
    pub(super) async fn prove(
        &mut self,
        random: &dyn Random,
        offered: Rest<'_>,
        password: &str,
    ) -> Result<(), Failure> {
        choose(offered)?;
        let mut nonce = [0; NONCE];
        random.fill(&mut nonce)?;
        let nonce = encode(&nonce);
        // The server takes the user's name from the first message of all.
        let first = format!("n=,r={nonce}");
        self.send(b'p', &initial(&format!("{HEADER}{first}"))?)
            .await?;

        let challenge = self.sasl(11).await?;
        let Challenge {
            nonce,
            salt,
            iterations,
        } = Challenge::read(&challenge, &nonce)?;
        let last = format!("c={},r={nonce}", encode(HEADER.as_bytes()));
        let messages = format!("{first},{challenge},{last}");
        let keys = ScramKeys::derive(password, &salt, iterations).await?;
        let proof = encode(&keys.client_proof(&messages));
        self.send(b'p', format!("{last},p={proof}").as_bytes())
            .await?;

        let answer = self.sasl(12).await?;
        let signature = answer.strip_prefix("v=").ok_or(Failure::Denied)?;
        let expected = keys.server_signature(&messages);
        // A server that does not know the password is somebody else's.
        if !bool::from(decode(signature)?.ct_eq(&expected)) {
            return Err(Failure::Denied);
        }
        match self.message(b'R').await?.as_slice() {
            [0, 0, 0, 0] => Ok(()),
            _ => Err(Failure::Garbled),
        }
    }

    /// The data of the next authentication message, which must be of this kind.
    async fn sasl(&mut self, kind: u32) -> Result<String, Failure> {
        let message = self.message(b'R').await?;
        let mut rest = Rest(&message);
        match u32::from_be_bytes(rest.array()?) == kind {
            true => text(rest.0),
            false => Err(Failure::Garbled),
        }
    }
}

/// Refuses unless the one mechanism is offered that is known.
fn choose(mut offered: Rest<'_>) -> Result<(), Failure> {
    let mut last = Vec::new();
    while let Ok(name) = offered.until_zero() {
        match name {
            MECHANISM => return Ok(()),
            [] => break,
            other => last = other.to_vec(),
        }
    }
    Err(Failure::method(&String::from_utf8_lossy(&last)))
}

/// `SASLInitialResponse`: the mechanism, and the first message with its length.
fn initial(message: &str) -> Result<Vec<u8>, Failure> {
    let length = u32::try_from(message.len()).map_err(|_| Failure::Garbled)?;
    Ok([MECHANISM, b"\0", &length.to_be_bytes(), message.as_bytes()].concat())
}

/// The server's first message.
struct Challenge {
    nonce: String,
    salt: Vec<u8>,
    iterations: u32,
}

impl Challenge {
    /// Reads it. Its nonce must begin with the client's and go on.
    fn read(text: &str, ours: &str) -> Result<Self, Failure> {
        let mut parts = text.split(',');
        let mut part = |name: &str| {
            let part = parts.next().and_then(|part| part.strip_prefix(name));
            part.ok_or(Failure::Garbled)
        };
        let (nonce, salt, iterations) = (part("r=")?, part("s=")?, part("i=")?);
        if nonce.len() <= ours.len() || !nonce.starts_with(ours) {
            return Err(Failure::Garbled);
        }
        Ok(Self {
            nonce: nonce.to_owned(),
            salt: decode(salt)?,
            iterations: iterations.parse().map_err(|_| Failure::Garbled)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_challenge_goes_on_where_the_nonce_ended() {
        assert!(Challenge::read("r=abcdef,s=c2FsdA==,i=4096", "abc").is_ok());
        for wrong in [
            "",
            "r=abc,s=c2FsdA==,i=4096",
            "r=xbcdef,s=c2FsdA==,i=4096",
            "r=abcdef,s=!,i=4096",
            "r=abcdef,s=c2FsdA==,i=-1",
            "r=abcdef,s=c2FsdA==",
            "m=ext,r=abcdef,s=c2FsdA==,i=4096",
        ] {
            assert!(Challenge::read(wrong, "abc").is_err(), "{wrong}");
        }
    }

    #[test]
    fn only_a_known_mechanism_is_chosen() {
        assert_eq!(
            choose(Rest(b"SCRAM-SHA-256-PLUS\0SCRAM-SHA-256\0\0")),
            Ok(())
        );
        let refused = choose(Rest(b"OAUTHBEARER\0\0"));
        assert_eq!(refused, Err(Failure::method("OAUTHBEARER")));
        assert!(choose(Rest(b"")).is_err());
    }
}
