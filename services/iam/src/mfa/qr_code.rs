//! QR codes as PNG images (ISO/IEC 18004; W3C "Portable Network Graphics").

use platform::{Error, Result};
use qrcodegen::{QrCode, QrCodeEcc};
use zeroize::Zeroizing;

/// Pixels along the side of a module.
const SCALE: i32 = 4;
/// The quiet zone around a code, in modules (ISO/IEC 18004, section 5.3.8).
const BORDER: i32 = 4;

/// The image of `text`, one bit a pixel, black on white.
pub(crate) fn png(text: &str) -> Result<Zeroizing<Vec<u8>>> {
    let code = QrCode::encode_text(text, QrCodeEcc::Medium).map_err(Error::internal)?;
    let side = (code.size() + 2 * BORDER) * SCALE;
    let side_bytes = u32::try_from(side).unwrap_or(0).to_be_bytes();

    let mut header = Vec::with_capacity(13);
    header.extend_from_slice(&side_bytes);
    header.extend_from_slice(&side_bytes);
    // One bit a pixel, grayscale, deflate, adaptive filters, no interlacing.
    header.extend_from_slice(&[1, 0, 0, 0, 0]);

    let mut image = Zeroizing::new(vec![0x89, b'P', b'N', b'G', 0x0d, 0x0a, 0x1a, 0x0a]);
    chunk(&mut image, b"IHDR", &header);
    chunk(&mut image, b"IDAT", &zlib(&rows(&code, side)));
    chunk(&mut image, b"IEND", &[]);
    Ok(image)
}

/// The pixels, each row after the number of its filter: none.
fn rows(code: &QrCode, side: i32) -> Zeroizing<Vec<u8>> {
    let mut rows = Zeroizing::new(Vec::new());
    for y in 0..side {
        rows.push(0);
        for left in (0..side).step_by(8) {
            let mut byte = 0;
            for x in left..left + 8 {
                let module = |at: i32| at.div_euclid(SCALE) - BORDER;
                let is_white = !code.get_module(module(x), module(y));
                byte = byte << 1 | u8::from(is_white);
            }
            rows.push(byte);
        }
    }
    rows
}

/// Bytes as a zlib stream of blocks that are not compressed (RFC 1950, RFC 1951 section 3.2.4).
fn zlib(bytes: &[u8]) -> Zeroizing<Vec<u8>> {
    let mut stream = Zeroizing::new(vec![0x78, 0x01]);
    let mut blocks = bytes.chunks(usize::from(u16::MAX)).peekable();
    while let Some(block) = blocks.next() {
        let length = u16::try_from(block.len()).unwrap_or(u16::MAX);
        stream.push(u8::from(blocks.peek().is_none()));
        stream.extend_from_slice(&length.to_le_bytes());
        stream.extend_from_slice(&(!length).to_le_bytes());
        stream.extend_from_slice(block);
    }
    let (mut low, mut high) = (1_u32, 0_u32);
    for byte in bytes {
        low = (low + u32::from(*byte)) % 65521;
        high = (high + low) % 65521;
    }
    stream.extend_from_slice(&(high << 16 | low).to_be_bytes());
    stream
}

fn chunk(image: &mut Vec<u8>, kind: &[u8; 4], data: &[u8]) {
    let length = u32::try_from(data.len()).unwrap_or(u32::MAX);
    image.extend_from_slice(&length.to_be_bytes());
    image.extend_from_slice(kind);
    image.extend_from_slice(data);
    let mut crc = u32::MAX;
    for byte in kind.iter().chain(data) {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            crc = crc >> 1 ^ if crc & 1 == 1 { 0xedb8_8320 } else { 0 };
        }
    }
    image.extend_from_slice(&(!crc).to_be_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_image_has_the_modules_of_the_code() {
        let text = "otpauth://totp/alice@111122223333?secret=ABC";
        let image = png(text).unwrap_or_else(|_| panic!("no image"));
        let code = QrCode::encode_text(text, QrCodeEcc::Medium).unwrap();
        let side = (code.size() + 8) * 4;
        assert_eq!(image[16..20], u32::try_from(side).unwrap().to_be_bytes());
        // Signature, header chunk, length and name of the data, zlib and block headers.
        let pixels = &image[8 + 25 + 8 + 2 + 5..];
        let stride = usize::try_from(side).unwrap().div_ceil(8) + 1;
        for y in 0..code.size() {
            for x in 0..code.size() {
                let at = |module: i32| usize::try_from((module + 4) * 4 + 1).unwrap();
                let byte = pixels[at(y) * stride + 1 + at(x) / 8];
                let is_black = byte >> (7 - at(x) % 8) & 1 == 0;
                assert_eq!(is_black, code.get_module(x, y), "{x} {y}");
            }
        }
    }

    #[test]
    fn checksums_are_the_documented_ones() {
        let mut end = Vec::new();
        chunk(&mut end, b"IEND", &[]);
        assert_eq!(
            end,
            [0, 0, 0, 0, b'I', b'E', b'N', b'D', 0xae, 0x42, 0x60, 0x82]
        );
        // RFC 1950's checksum of "Wikipedia" is a well-known example.
        assert_eq!(zlib(b"Wikipedia")[16..], [0x11, 0xe6, 0x03, 0x98]);
    }

    #[test]
    fn long_streams_have_several_blocks() {
        let stream = zlib(&vec![7; 70_000]);
        assert_eq!(stream.len(), 2 + 5 + 65_535 + 5 + 4_465 + 4);
        assert_eq!((stream[2], stream[2 + 5 + 65_535]), (0, 1));
    }
}
