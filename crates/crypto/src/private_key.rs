//! Private keys that somebody brings: whether they are keys at all, and which public key they are
//! the other half of.

use aws_lc_rs::rsa;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1_SIGNING, ECDSA_P384_SHA384_ASN1_SIGNING, ECDSA_P521_SHA512_ASN1_SIGNING,
    EcdsaKeyPair, EcdsaSigningAlgorithm, KeyPair,
};

/// How the bytes of a private key are laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PrivateKeyForm {
    /// PKCS #8 (RFC 5208), any algorithm.
    Pkcs8,
    /// `RSAPrivateKey` (RFC 8017).
    Rsa,
    /// `ECPrivateKey` (RFC 5915).
    Ec,
}

/// The public half of a private key, as a certificate holds it in `subjectPublicKey`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PublicHalf {
    /// `RSAPublicKey` in DER, and the length of the modulus in bits.
    Rsa {
        /// The key.
        der: Vec<u8>,
        /// The length.
        bits: usize,
    },
    /// An uncompressed point of P-256, P-384 or P-521.
    Ec(Vec<u8>),
}

impl PublicHalf {
    /// The contents of `subjectPublicKey`.
    pub fn bytes(&self) -> &[u8] {
        match self {
            Self::Rsa { der, .. } => der,
            Self::Ec(point) => point,
        }
    }
}

/// The bytes are no private key of a known kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an RSA or ECDSA private key")]
pub struct NotAPrivateKey;

/// The public half of the private key in `der`.
pub fn public_half(form: PrivateKeyForm, der: &[u8]) -> Result<PublicHalf, NotAPrivateKey> {
    let of_rsa = match form {
        PrivateKeyForm::Pkcs8 => rsa::KeyPair::from_pkcs8(der).ok(),
        PrivateKeyForm::Rsa => rsa::KeyPair::from_der(der).ok(),
        PrivateKeyForm::Ec => None,
    };
    if let Some(pair) = of_rsa {
        return Ok(PublicHalf::Rsa {
            der: pair.public_key().as_ref().to_vec(),
            bits: pair.public_modulus_len() * 8,
        });
    }
    let curves: [&'static EcdsaSigningAlgorithm; 3] = [
        &ECDSA_P256_SHA256_ASN1_SIGNING,
        &ECDSA_P384_SHA384_ASN1_SIGNING,
        &ECDSA_P521_SHA512_ASN1_SIGNING,
    ];
    let of_curve = |curve| match form {
        PrivateKeyForm::Pkcs8 => EcdsaKeyPair::from_pkcs8(curve, der).ok(),
        PrivateKeyForm::Ec => EcdsaKeyPair::from_private_key_der(curve, der).ok(),
        PrivateKeyForm::Rsa => None,
    };
    let pair = curves
        .into_iter()
        .find_map(of_curve)
        .ok_or(NotAPrivateKey)?;
    Ok(PublicHalf::Ec(pair.public_key().as_ref().to_vec()))
}

#[cfg(test)]
mod tests {
    use aws_lc_rs::encoding::AsDer;
    use aws_lc_rs::rsa::KeySize;

    use super::*;

    #[test]
    fn keys_of_both_kinds_give_their_public_halves() {
        let pair = rsa::KeyPair::generate(KeySize::Rsa2048).unwrap();
        let der = AsDer::<aws_lc_rs::encoding::Pkcs8V1Der<'_>>::as_der(&pair).unwrap();
        let expected = PublicHalf::Rsa {
            der: pair.public_key().as_ref().to_vec(),
            bits: 2048,
        };
        assert_eq!(
            public_half(PrivateKeyForm::Pkcs8, der.as_ref()),
            Ok(expected)
        );
        for curve in [
            &ECDSA_P256_SHA256_ASN1_SIGNING,
            &ECDSA_P384_SHA384_ASN1_SIGNING,
        ] {
            let pair = EcdsaKeyPair::generate(curve).unwrap();
            let point = PublicHalf::Ec(pair.public_key().as_ref().to_vec());
            let der = pair.to_pkcs8v1().unwrap();
            let half = public_half(PrivateKeyForm::Pkcs8, der.as_ref());
            assert_eq!(half.as_ref(), Ok(&point));
            let sec1 = AsDer::<aws_lc_rs::encoding::EcPrivateKeyRfc5915Der<'_>>::as_der(
                &pair.private_key(),
            )
            .unwrap();
            assert_eq!(public_half(PrivateKeyForm::Ec, sec1.as_ref()), Ok(point));
        }
    }

    #[test]
    fn other_bytes_are_refused() {
        for form in [
            PrivateKeyForm::Pkcs8,
            PrivateKeyForm::Rsa,
            PrivateKeyForm::Ec,
        ] {
            for bytes in [&b""[..], b"no key", &[0x30, 0x03, 0x02, 0x01, 0x00]] {
                assert_eq!(public_half(form, bytes), Err(NotAPrivateKey));
            }
        }
    }
}
