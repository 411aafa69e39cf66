//! Time-based one-time passwords (RFC 6238 over RFC 4226): HMAC-SHA-1, 30 seconds, six digits.

use aws_lc_rs::hmac;
use subtle::ConstantTimeEq;

/// How long a code is shown, in seconds (RFC 6238, section 4).
pub const PERIOD_SECONDS: i64 = 30;

/// The step that a moment is in, given in milliseconds since 1970.
pub fn step_at(millis: i64) -> i64 {
    millis.div_euclid(1000 * PERIOD_SECONDS)
}

/// Whether `code` is the one of `step`. Takes the same time whatever the code.
pub fn is_code(seed: &[u8], step: i64, code: &str) -> bool {
    code_at(seed, step).as_bytes().ct_eq(code.as_bytes()).into()
}

/// The six digits of `step`.
pub fn code_at(seed: &[u8], step: i64) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, seed);
    let tag = hmac::sign(&key, &step.to_be_bytes());
    // Dynamic truncation (RFC 4226, section 5.3): the last four bits say where to read.
    let tag = tag.as_ref();
    let offset = usize::from(tag.last().copied().unwrap_or(0) & 0x0f);
    let word = tag
        .get(offset..)
        .and_then(|rest| rest.first_chunk::<4>())
        .copied()
        .unwrap_or_default();
    let number = u32::from_be_bytes(word) & 0x7fff_ffff;
    format!("{:06}", number % 1_000_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 6238, appendix B, whose codes have eight digits: ours are the last six.
    #[test]
    fn agrees_with_rfc_6238() {
        let seed = b"12345678901234567890";
        let vectors = [
            (59, "94287082"),
            (1_111_111_109, "07081804"),
            (1_111_111_111, "14050471"),
            (1_234_567_890, "89005924"),
            (2_000_000_000, "69279037"),
            (20_000_000_000, "65353130"),
        ];
        for (seconds, code) in vectors {
            let step = step_at(seconds * 1000);
            assert_eq!(code_at(seed, step), code[2..], "{seconds}");
            assert!(is_code(seed, step, &code[2..]));
            assert!(!is_code(seed, step + 1, &code[2..]));
            assert!(!is_code(seed, step, &code[1..]));
        }
    }

    /// RFC 4226, appendix D.
    #[test]
    fn agrees_with_rfc_4226() {
        let codes = [
            "755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583",
            "399871", "520489",
        ];
        for (step, code) in (0..).zip(codes) {
            assert_eq!(code_at(b"12345678901234567890", step), code);
        }
    }

    #[test]
    fn a_step_is_thirty_seconds() {
        assert_eq!((step_at(0), step_at(29_999), step_at(30_000)), (0, 0, 1));
        assert_eq!(step_at(-1), -1);
    }
}
