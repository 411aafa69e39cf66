//! Tests of what two parties share: ECDH and ML-KEM.

use super::tests::{QUICK, make};
use super::*;

#[test]
fn both_sides_agree_on_a_secret() {
    for (spec, length) in [
        (MaterialSpec::EccNistP256, 32),
        (MaterialSpec::EccNistP384, 48),
        (MaterialSpec::EccNistP521, 66),
        (MaterialSpec::Sm2, 32),
    ] {
        let (one, two) = (make(spec, 1), make(spec, 2));
        let secret = one.agree(&two.public_key().unwrap()).unwrap();
        assert_eq!(secret.len(), length);
        assert_eq!(two.agree(&one.public_key().unwrap()), Ok(secret));
        let mut off_curve = two.public_key().unwrap();
        *off_curve.last_mut().unwrap() ^= 1;
        let point = &two.public_key().unwrap()[23..];
        for peer in [&off_curve[..], &[], b"x", point] {
            assert_eq!(one.agree(peer), Err(KeyError::PublicKey));
        }
        for other in QUICK.into_iter().filter(|other| *other != spec) {
            if let Ok(peer) = make(other, 3).public_key() {
                assert_eq!(one.agree(&peer), Err(KeyError::PublicKey), "{other:?}");
            }
        }
    }
    let k1 = make(MaterialSpec::EccSecgP256k1, 1);
    assert_eq!(
        k1.agree(&k1.public_key().unwrap()),
        Err(KeyError::Unsuitable)
    );
}

#[test]
fn encapsulated_secrets_come_back_and_forgeries_give_noise() {
    for (spec, length) in [
        (MaterialSpec::MlKem512, 768),
        (MaterialSpec::MlKem768, 1088),
        (MaterialSpec::MlKem1024, 1568),
    ] {
        let key = make(spec, 1);
        let Encapsulated {
            shared_secret,
            ciphertext,
        } = key.encapsulate().unwrap();
        assert_eq!(ciphertext.len(), length);
        let open = |ciphertext: &[u8]| key.decapsulate(ciphertext).map(|it| it.expose().clone());
        assert_eq!(open(&ciphertext).as_ref(), Ok(shared_secret.expose()));
        let mut forged = ciphertext.clone();
        forged[0] ^= 1;
        let noise = open(&forged).unwrap();
        assert_eq!(noise.len(), 32);
        assert_ne!(&noise, shared_secret.expose());
        assert_eq!(
            open(&forged),
            Ok(noise),
            "implicit rejection is deterministic"
        );
        assert_eq!(open(&ciphertext[1..]), Err(KeyError::Length));
        assert_eq!(open(&[]), Err(KeyError::Length));
    }
}
