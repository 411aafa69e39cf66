//! Paths that hold, and paths that fail at one place each.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair,
};
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, CustomExtension, DnType, IsCa, KeyPair,
    KeyUsagePurpose, PKCS_ECDSA_P256_SHA256, PKCS_ECDSA_P384_SHA384, SignatureAlgorithm,
    date_time_ymd,
};

use super::*;

const MESSAGE: &[u8] = b"the document";
/// The middle of 2026.
const NOW: i64 = 1_782_900_000;
const P384: &SignatureAlgorithm = &PKCS_ECDSA_P384_SHA384;

type Issuer = CertifiedIssuer<'static, KeyPair>;

/// What one certificate says.
#[derive(Clone)]
struct Said {
    name: &'static str,
    is_ca: IsCa,
    usages: Vec<KeyUsagePurpose>,
    years: [i32; 2],
    algorithm: &'static SignatureAlgorithm,
    extensions: Vec<CustomExtension>,
}

impl Said {
    fn authority(name: &'static str, limit: Option<u8>) -> Self {
        let limit = limit.map_or(
            BasicConstraints::Unconstrained,
            BasicConstraints::Constrained,
        );
        Self {
            name,
            is_ca: IsCa::Ca(limit),
            usages: vec![KeyUsagePurpose::KeyCertSign],
            years: [2020, 2040],
            algorithm: P384,
            extensions: Vec::new(),
        }
    }

    fn signer() -> Self {
        Self {
            is_ca: IsCa::ExplicitNoCa,
            usages: vec![KeyUsagePurpose::DigitalSignature],
            ..Self::authority("signer", None)
        }
    }

    fn params(&self) -> CertificateParams {
        let mut params = CertificateParams::default();
        params
            .distinguished_name
            .push(DnType::CommonName, self.name);
        params.is_ca = self.is_ca;
        params.key_usages.clone_from(&self.usages);
        params.not_before = date_time_ymd(self.years[0], 1, 1);
        params.not_after = date_time_ymd(self.years[1], 1, 1);
        params.custom_extensions.clone_from(&self.extensions);
        params
    }

    fn key(&self) -> KeyPair {
        KeyPair::generate_for(self.algorithm).unwrap()
    }

    fn root(&self) -> Issuer {
        CertifiedIssuer::self_signed(self.params(), self.key()).unwrap()
    }

    fn under(&self, issuer: &Issuer) -> Issuer {
        CertifiedIssuer::signed_by(self.params(), self.key(), issuer).unwrap()
    }
}

fn der(issuer: &Issuer) -> Vec<u8> {
    issuer.der().to_vec()
}

/// A path with its signature: root, authorities, signer.
struct Made {
    roots: Roots,
    bundle: Vec<Vec<u8>>,
    certificate: Vec<u8>,
    signature: Vec<u8>,
}

impl Made {
    /// A path of these authorities, the root first, that ends in `signer`.
    fn of(authorities: &[Said], signer: &Said) -> Self {
        let mut issuers = vec![authorities[0].root()];
        for said in &authorities[1..] {
            issuers.push(said.under(issuers.last().unwrap()));
        }
        let end = signer.under(issuers.last().unwrap());
        let bundle: Vec<_> = issuers.iter().map(der).collect();
        Self {
            roots: Roots {
                certificates: vec![bundle[0].clone()],
            },
            bundle,
            certificate: der(&end),
            signature: sign(signer, end.key()),
        }
    }

    fn good() -> Self {
        Self::of(&authorities(), &Said::signer())
    }

    fn check_at(&self, now: i64) -> Result<(), Untrusted> {
        let evidence = Evidence {
            certificate: &self.certificate,
            bundle: &self.bundle,
            message: MESSAGE,
            signature: &self.signature,
        };
        self.roots.check(&evidence, now)
    }

    fn check(&self) -> Result<(), Untrusted> {
        self.check_at(NOW)
    }
}

fn authorities() -> Vec<Said> {
    vec![
        Said::authority("root", None),
        Said::authority("region", Some(1)),
        Said::authority("instance", Some(0)),
    ]
}

#[expect(
    clippy::disallowed_methods,
    reason = "the library signs with randomness of its own"
)]
fn sign(said: &Said, key: &KeyPair) -> Vec<u8> {
    let algorithm = match said.algorithm == P384 {
        true => &ECDSA_P384_SHA384_FIXED_SIGNING,
        false => &ECDSA_P256_SHA256_FIXED_SIGNING,
    };
    let key = EcdsaKeyPair::from_pkcs8(algorithm, &key.serialize_der()).unwrap();
    let signature = key.sign(&SystemRandom::new(), MESSAGE).unwrap();
    signature.as_ref().to_vec()
}

#[test]
fn a_path_from_a_root_to_the_signer_holds() {
    assert_eq!(Made::good().check(), Ok(()));
    let short = Made::of(&authorities()[..1], &Said::signer());
    assert_eq!(short.check(), Ok(()));
}

#[test]
fn awss_root_is_the_published_one() {
    let published = "641A0321A3E244EFE456463195D606317ED7CDCC3C1756E09893F3C68F79BB5B";
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, NITRO_G1);
    let shown: String = digest
        .as_ref()
        .iter()
        .map(|byte| format!("{byte:02X}"))
        .collect();
    assert_eq!(shown, published);
    assert_eq!(Roots::aws().unwrap().certificates, [NITRO_G1]);
}

#[test]
fn only_the_roots_that_are_named_are_trusted() {
    let mut made = Made::good();
    made.roots = Roots::aws().unwrap();
    assert_eq!(made.check(), Err(Untrusted::Root));
    made.roots = Roots::default();
    assert_eq!(made.check(), Err(Untrusted::Root));
    made = Made::good();
    made.bundle.clear();
    assert_eq!(made.check(), Err(Untrusted::Root));
    // Another root of the same name, and the root left out.
    made = Made::good();
    made.roots = Made::good().roots;
    assert_eq!(made.check(), Err(Untrusted::Root));
    made = Made::good();
    made.bundle.remove(0);
    assert_eq!(made.check(), Err(Untrusted::Root));
}

#[test]
fn every_certificate_has_to_be_valid_now() {
    for at in 0..4 {
        for years in [[2020, 2025], [2030, 2040]] {
            let (mut said, mut signer) = (authorities(), Said::signer());
            match at {
                3 => signer.years = years,
                at => said[at].years = years,
            }
            assert_eq!(
                Made::of(&said, &signer).check(),
                Err(Untrusted::Validity),
                "{at}"
            );
        }
    }
    let made = Made::good();
    // From 2020-01-01T00:00:00Z to 2040-01-01T00:00:00Z, both ends included.
    for (now, holds) in [
        (1_577_836_799, false),
        (1_577_836_800, true),
        (2_208_988_800, true),
        (2_208_988_801, false),
    ] {
        assert_eq!(made.check_at(now).is_ok(), holds, "{now}");
    }
}

#[test]
fn authorities_must_be_authorities_for_as_long_a_path() {
    for at in 0..3 {
        let spoilt = |spoil: &dyn Fn(&mut Said)| {
            let mut said = authorities();
            spoil(&mut said[at]);
            Made::of(&said, &Said::signer()).check()
        };
        let refused = Err(Untrusted::Certificate);
        assert_eq!(
            spoilt(&|said| said.is_ca = IsCa::ExplicitNoCa),
            refused,
            "{at}"
        );
        assert_eq!(spoilt(&|said| said.is_ca = IsCa::NoCa), refused, "{at}");
        assert_eq!(spoilt(&|said| said.usages = Vec::new()), refused, "{at}");
        let other = vec![KeyUsagePurpose::DigitalSignature];
        assert_eq!(
            spoilt(&|said| said.usages.clone_from(&other)),
            refused,
            "{at}"
        );
        let limited = |limit| IsCa::Ca(BasicConstraints::Constrained(limit));
        let needed = 2 - u8::try_from(at).unwrap();
        assert_eq!(spoilt(&|said| said.is_ca = limited(needed)), Ok(()), "{at}");
        if needed > 0 {
            let fewer = spoilt(&|said| said.is_ca = limited(needed - 1));
            assert_eq!(fewer, refused, "{at}");
        }
    }
}

#[test]
fn the_signer_must_be_one_who_signs_and_no_authority() {
    let refused = Err(Untrusted::Certificate);
    let with = |spoil: &dyn Fn(&mut Said)| {
        let mut signer = Said::signer();
        spoil(&mut signer);
        Made::of(&authorities(), &signer).check()
    };
    assert_eq!(with(&|said| said.is_ca = IsCa::NoCa), Ok(()));
    assert_eq!(with(&|said| said.usages = Vec::new()), refused);
    assert_eq!(
        with(&|said| said.usages = vec![KeyUsagePurpose::KeyCertSign]),
        refused
    );
    let authority = IsCa::Ca(BasicConstraints::Unconstrained);
    assert_eq!(with(&|said| said.is_ca = authority), refused);
    // An authority that signs itself, without a certificate for the end.
    let mut made = Made::good();
    made.certificate = made.bundle.pop().unwrap();
    assert_eq!(made.check(), refused);
}

#[test]
fn other_curves_and_unknown_critical_extensions_are_refused() {
    let refused = Err(Untrusted::Certificate);
    for at in 0..4 {
        let (mut said, mut signer) = (authorities(), Said::signer());
        let place = match at {
            3 => &mut signer,
            at => &mut said[at],
        };
        place.algorithm = &PKCS_ECDSA_P256_SHA256;
        assert_eq!(Made::of(&said, &signer).check(), refused, "{at}");
    }
    for (critical, expected) in [(false, Ok(())), (true, refused)] {
        let mut signer = Said::signer();
        let mut extension = CustomExtension::from_oid_content(&[1, 3, 6, 1, 99], vec![5, 0]);
        extension.set_criticality(critical);
        signer.extensions.push(extension);
        assert_eq!(Made::of(&authorities(), &signer).check(), expected);
    }
}

#[test]
fn certificates_in_another_order_do_not_lead_anywhere() {
    let mut made = Made::good();
    made.bundle.swap(1, 2);
    assert_eq!(made.check(), Err(Untrusted::Path));
    made = Made::good();
    made.bundle.remove(1);
    assert_eq!(made.check(), Err(Untrusted::Path));
    made = Made::good();
    made.bundle.pop();
    assert_eq!(made.check(), Err(Untrusted::Path));
    made = Made::good();
    let twice = made.bundle[1].clone();
    made.bundle.insert(1, twice);
    assert!(made.check().is_err());
    made = Made::good();
    made.bundle.reverse();
    assert_eq!(made.check(), Err(Untrusted::Root));
    // The same names, signed by others.
    let other = Made::good();
    for at in 1..3 {
        made = Made::good();
        made.bundle[at].clone_from(&other.bundle[at]);
        assert_eq!(made.check(), Err(Untrusted::Path), "{at}");
    }
    made = Made::good();
    made.certificate.clone_from(&other.certificate);
    assert_eq!(made.check(), Err(Untrusted::Path));
    made = Made::good();
    made.signature.clone_from(&other.signature);
    assert_eq!(made.check(), Err(Untrusted::Signature));
}

#[test]
fn every_bit_counts() {
    let made = Made::good();
    let flipped = |bytes: &[u8], at: usize| {
        let mut bytes = bytes.to_vec();
        bytes[at / 8] ^= 1 << (at % 8);
        bytes
    };
    for at in 0..made.signature.len() * 8 {
        let signature = flipped(&made.signature, at);
        assert!(
            Made {
                signature,
                ..again(&made)
            }
            .check()
            .is_err(),
            "{at}"
        );
    }
    for at in 0..made.certificate.len() * 8 {
        let certificate = flipped(&made.certificate, at);
        assert!(
            Made {
                certificate,
                ..again(&made)
            }
            .check()
            .is_err(),
            "{at}"
        );
    }
    for which in 0..3 {
        for at in 0..made.bundle[which].len() * 8 {
            let mut changed = again(&made);
            changed.bundle[which] = flipped(&made.bundle[which], at);
            assert!(changed.check().is_err(), "{which} {at}");
        }
    }
    assert_eq!(made.check(), Ok(()));
}

fn again(made: &Made) -> Made {
    Made {
        roots: Roots {
            certificates: made.roots.certificates.clone(),
        },
        bundle: made.bundle.clone(),
        certificate: made.certificate.clone(),
        signature: made.signature.clone(),
    }
}

#[test]
fn what_cannot_be_a_root_is_refused() {
    let root = Said::authority("root", None).root();
    let below = Said::authority("below", None).under(&root);
    let mut other_curve = Said::authority("root", None);
    other_curve.algorithm = &PKCS_ECDSA_P256_SHA256;
    let longer = [&der(&root)[..], &[0]].concat();
    for refused in [
        Vec::new(),
        b"root".to_vec(),
        longer,
        der(&below),
        der(&Said::signer().root()),
        der(&other_curve.root()),
    ] {
        assert!(Roots::new(vec![der(&root), refused]).is_err());
    }
    assert!(Roots::new(vec![der(&root)]).is_ok());
}
