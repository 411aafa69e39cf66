//! Hexadecimal digits of bytes and of their hash.

pub(crate) fn hex(bytes: &[u8]) -> String {
    let digits = bytes.iter().map(|byte| format!("{byte:02x}"));
    digits.collect()
}

pub(crate) fn sha256_hex(bytes: &[u8]) -> String {
    hex(&crypto::sha256(bytes))
}
