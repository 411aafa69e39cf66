//! The key file of a root seal: one line of text, `strongroom-key-v1:<64 hex>:<8 hex>`.
//!
//! The last field is a checksum, so that a truncated or mistyped file is reported as such and not
//! as a wrong key.

use aws_lc_rs::digest;
use zeroize::Zeroizing;

use crate::hex;
use crate::random::{Random, RandomFailure};
use crate::secret::Secret;

const PREFIX: &str = "strongroom-key-v1:";
const CHECKSUM_LEN: usize = 4;

/// Why a key file cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyFileError {
    /// It does not start like a key file.
    #[error("this is not a key file: it does not start with `strongroom-key-v1:`")]
    NotAKeyFile,
    /// It starts like one, and its length, digits or checksum are wrong.
    #[error("the key file is damaged: its checksum does not match")]
    Damaged,
}

/// Draws a key and writes it as the content of a key file, with a final newline.
pub fn generate(random: &dyn Random) -> Result<Zeroizing<String>, RandomFailure> {
    let mut key = Zeroizing::new([0; 32]);
    random.fill(key.as_mut())?;
    // One allocation of the final size: growing would leave copies of the key behind.
    let mut line = Zeroizing::new(String::with_capacity(PREFIX.len() + 64 + 1 + 8 + 1));
    line.push_str(PREFIX);
    hex::encode(key.as_ref(), &mut line);
    line.push(':');
    hex::encode(&checksum(&key), &mut line);
    line.push('\n');
    Ok(line)
}

/// Reads the key out of a key file's content. White space around the line is ignored.
pub fn parse(content: &[u8]) -> Result<Secret<[u8; 32]>, KeyFileError> {
    let line = content.trim_ascii().strip_prefix(PREFIX.as_bytes());
    let mut fields = line
        .ok_or(KeyFileError::NotAKeyFile)?
        .split(|byte| *byte == b':');
    let (Some(key), Some(sum), None) = (fields.next(), fields.next(), fields.next()) else {
        return Err(KeyFileError::Damaged);
    };
    let key = Zeroizing::new(hex::decode(key).ok_or(KeyFileError::Damaged)?);
    if hex::decode(sum) != Some(checksum(&key)) {
        return Err(KeyFileError::Damaged);
    }
    Ok(Secret::from(key))
}

fn checksum(key: &[u8; 32]) -> [u8; CHECKSUM_LEN] {
    let mut context = digest::Context::new(&digest::SHA256);
    context.update(PREFIX.as_bytes());
    context.update(key);
    context
        .finish()
        .as_ref()
        .first_chunk()
        .copied()
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::testing::Seeded;

    #[test]
    fn round_trip() {
        let line = generate(&Seeded::new(1)).unwrap();
        assert!(line.starts_with(PREFIX) && line.ends_with('\n'));
        let key = parse(line.as_bytes()).unwrap();
        assert!(parse(line.trim().as_bytes()).unwrap().ct_eq(key.expose()));
        assert!(
            !parse(generate(&Seeded::new(2)).unwrap().as_bytes())
                .unwrap()
                .ct_eq(key.expose())
        );
    }

    #[test]
    fn any_changed_character_is_noticed() {
        let line = generate(&Seeded::new(1)).unwrap();
        let content = line.trim().as_bytes();
        for at in 0..content.len() {
            let mut changed = content.to_vec();
            changed[at] = if changed[at] == b'0' { b'1' } else { b'0' };
            let error = parse(&changed).err().unwrap();
            let in_prefix = at < PREFIX.len();
            assert_eq!(error == KeyFileError::NotAKeyFile, in_prefix, "at {at}");
            assert!(parse(&content[..at]).is_err());
        }
        assert!(parse(&[content, b":00"].concat()).is_err());
    }
}
