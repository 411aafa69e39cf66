//! `secretsmanager:GetRandomPassword`: a password, each that fits as likely as any other.

use api::secretsmanager::{GetRandomPasswordRequest, GetRandomPasswordResponse};
use platform::{Ctx, Result};
use wire::Fault;
use zeroize::Zeroizing;

use crate::{access, refusals};

const DEFAULT_LENGTH: i64 = 32;
const UPPER: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ";
const LOWER: &[u8] = b"abcdefghijklmnopqrstuvwxyz";
const DIGITS: &[u8] = b"0123456789";
const PUNCTUATION: &[u8] = br##"!"#$%&'()*+,-./:;<=>?@[\]^_`{|}~"##;

pub(crate) async fn get_random_password(
    ctx: &Ctx,
    req: GetRandomPasswordRequest,
) -> Result<GetRandomPasswordResponse> {
    access::everything(ctx, "secretsmanager:GetRandomPassword").await?;
    let alphabet = Alphabet::asked(&req)?;
    let length = req.password_length.unwrap_or(DEFAULT_LENGTH);
    let length = usize::try_from(length).unwrap_or_default();
    if length < alphabet.required.len() {
        return Err(
            refusals::invalid("Password length is too short based on the required types.").into(),
        );
    }
    Ok(GetRandomPasswordResponse {
        random_password: Some(draw(ctx, &alphabet, length)?),
    })
}

/// A password of so many characters of all kinds, without those that are excluded.
pub(crate) fn draw_without(ctx: &Ctx, excluded: &str, length: usize) -> Result<Zeroizing<String>> {
    let request = GetRandomPasswordRequest {
        password_length: None,
        exclude_characters: Some(excluded.to_owned()),
        exclude_numbers: false,
        exclude_punctuation: false,
        exclude_uppercase: false,
        exclude_lowercase: false,
        include_space: false,
        require_each_included_type: None,
    };
    draw(ctx, &Alphabet::asked(&request)?, length)
}

/// The characters of a password.
struct Alphabet {
    all: Vec<u8>,
    /// Of each of these sets a password has a character.
    required: Vec<Vec<u8>>,
}

impl Alphabet {
    fn asked(req: &GetRandomPasswordRequest) -> Result<Self, Fault> {
        let excluded = req.exclude_characters.as_deref().unwrap_or_default();
        let left = |set: &[u8]| -> Vec<u8> {
            let kept = set
                .iter()
                .filter(|byte| !excluded.as_bytes().contains(byte));
            kept.copied().collect()
        };
        let types = [
            (req.exclude_uppercase, UPPER),
            (req.exclude_lowercase, LOWER),
            (req.exclude_numbers, DIGITS),
            (req.exclude_punctuation, PUNCTUATION),
        ];
        let included = types.iter().filter(|(is_excluded, _)| !is_excluded);
        let sets: Vec<Vec<u8>> = included.map(|(_, set)| left(set)).collect();
        let mut all = sets.concat();
        if req.include_space {
            all.extend(left(b" "));
        }
        if all.is_empty() {
            return Err(refusals::invalid(
                "All characters have been excluded from selection.",
            ));
        }
        let is_required = req.require_each_included_type.unwrap_or(true);
        if is_required && sets.iter().any(Vec::is_empty) {
            return Err(refusals::invalid(
                "All characters of the desired type have been excluded.",
            ));
        }
        let required = if is_required { sets } else { Vec::new() };
        Ok(Self { all, required })
    }

    fn fits(&self, password: &[u8]) -> bool {
        let mut required = self.required.iter();
        required.all(|set| password.iter().any(|byte| set.contains(byte)))
    }
}

/// Draws passwords until one fits: choosing characters of each set first would make some passwords
/// more likely than others.
fn draw(ctx: &Ctx, alphabet: &Alphabet, length: usize) -> Result<Zeroizing<String>> {
    loop {
        let mut password = Zeroizing::new(Vec::with_capacity(length));
        while password.len() < length {
            let bytes = Zeroizing::new(ctx.random_bytes::<64>()?);
            let letters = bytes.iter().filter_map(|byte| letter(&alphabet.all, *byte));
            let missing = length - password.len();
            password.extend(letters.take(missing));
        }
        if alphabet.fits(&password) {
            let text = password.iter().map(|byte| char::from(*byte)).collect();
            return Ok(Zeroizing::new(text));
        }
    }
}

/// The character for a random byte. Bytes beyond the last multiple stand for none, so that each
/// character is as likely as any other.
fn letter(letters: &[u8], byte: u8) -> Option<u8> {
    let multiple = 256 / letters.len() * letters.len();
    let at = usize::from(byte);
    letters
        .get(at % letters.len())
        .copied()
        .filter(|_| at < multiple)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_character_stands_for_as_many_bytes() {
        for length in 1..=95 {
            let letters: Vec<u8> = (0..length).collect();
            let mut counts = vec![0; usize::from(length)];
            for letter in (0..=255).filter_map(|byte| letter(&letters, byte)) {
                counts[usize::from(letter)] += 1;
            }
            assert!(counts.iter().all(|count| *count == counts[0] && *count > 0));
        }
    }
}
