//! `LOGIN7`: who logs in, and to what.

use zeroize::Zeroizing;

use crate::failure::Failure;
use crate::login::Login;

/// Where the texts begin: behind the numbers and the places of the texts.
const TEXTS: usize = 94;
/// Version 7.4.
const VERSION: u32 = 0x7400_0004;
/// How long the client's packets are.
const PACKET: u32 = 4096;
/// What the client calls itself.
const NAME: &str = "strongroom";

/// The message for `login`.
pub(super) fn message(login: &Login) -> Result<Zeroizing<Vec<u8>>, Failure> {
    let database = login.dbname.as_deref().unwrap_or_default();
    let password = Zeroizing::new(hidden(login.password.expose()));
    // Host, user, password, program, server, nothing, library, language, database.
    let texts = [
        &wide(NAME),
        &wide(&login.username),
        &*password,
        &wide(NAME),
        &wide(&login.host),
        &Vec::new(),
        &wide(NAME),
        &Vec::new(),
        &wide(database),
    ];
    let mut places = Vec::new();
    let mut end = TEXTS;
    for text in texts {
        places.extend(place(end, text.len() / 2)?);
        end += text.len();
    }
    let mut message = Zeroizing::new(Vec::with_capacity(end));
    let length = u32::try_from(end).map_err(|_| too_long())?;
    for number in [length, VERSION, PACKET, 0, 0, 0] {
        message.extend_from_slice(&number.to_le_bytes());
    }
    // A database that is not there is a failure; no more than that is asked for.
    message.extend_from_slice(&[0xe0, 0x02, 0, 0]);
    message.extend_from_slice(&[0; 8]);
    message.extend_from_slice(&places);
    // The client's address, then three texts that are left out, and a length.
    message.extend_from_slice(&[0; 6]);
    for _ in 0..3 {
        message.extend(place(end, 0)?);
    }
    message.extend_from_slice(&[0; 4]);
    for text in texts {
        message.extend_from_slice(text);
    }
    Ok(message)
}

/// Where a text begins, in bytes, and how long it is, in characters.
fn place(begin: usize, length: usize) -> Result<[u8; 4], Failure> {
    let begin = u16::try_from(begin).map_err(|_| too_long())?.to_le_bytes();
    let length = u16::try_from(length).map_err(|_| too_long())?.to_le_bytes();
    Ok([begin[0], begin[1], length[0], length[1]])
}

fn too_long() -> Failure {
    Failure::Login("the `password` is too long".to_owned())
}

fn wide(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

/// A password as the protocol has it: no protection, but neither readable at a glance.
fn hidden(password: &str) -> Vec<u8> {
    let bytes = Zeroizing::new(wide(password));
    bytes
        .iter()
        .map(|byte| byte.rotate_left(4) ^ 0xa5)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_text_is_where_its_place_says() {
        let login = Login::from_json(
            r#"{"engine":"sqlserver","host":"db","username":"app","password":"a","dbname":"shöp"}"#,
        );
        let Ok(message) = login.and_then(|login| message(&login)) else {
            panic!("no message")
        };
        let number = |at: usize| usize::from(u16::from_le_bytes([message[at], message[at + 1]]));
        let text = |index: usize| {
            let (begin, length) = (number(36 + 4 * index), number(38 + 4 * index));
            message[begin..begin + 2 * length].to_vec()
        };
        assert_eq!(number(0), message.len());
        assert_eq!(text(1), wide("app"));
        // 'a' is 0x61: with its halves swapped 0x16, and that xor 0xa5.
        assert_eq!(text(2), [0xb3, 0xa5]);
        assert_eq!(text(8), wide("shöp"));
        let end = 36 + 4 * 9 + 6 + 4 * 3 + 4;
        assert_eq!(number(36), end);
    }
}
