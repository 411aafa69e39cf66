"""Key material that a client brings, through boto3; `cryptography` makes the keys and wraps them.

The server shares no code with it. What an imported key signs, opens and agrees on is what
`cryptography` does with the original, and the other way round.
"""

import os

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.hmac import HMAC
from cryptography.hazmat.primitives.keywrap import aes_key_wrap_with_padding

MESSAGE = b"attack at dawn"
OAEP = ["RSAES_OAEP_SHA_1", "RSAES_OAEP_SHA_256"]
KEY_WRAP = ["RSA_AES_KEY_WRAP_SHA_1", "RSA_AES_KEY_WRAP_SHA_256"]
SIZES = ["RSA_2048", "RSA_3072", "RSA_4096"]
HASHES = {"256": hashes.SHA256(), "384": hashes.SHA384(), "512": hashes.SHA512()}
CURVES = {
    "ECC_NIST_P256": (ec.SECP256R1(), "256"),
    "ECC_NIST_P384": (ec.SECP384R1(), "384"),
    "ECC_NIST_P521": (ec.SECP521R1(), "512"),
    "ECC_SECG_P256K1": (ec.SECP256K1(), "256"),
}


def oaep(digest):
    return padding.OAEP(mgf=padding.MGF1(digest), algorithm=digest, label=None)


def wrap(algorithm, public_key, material):
    digest = hashes.SHA1() if algorithm.endswith("SHA_1") else hashes.SHA256()
    key = serialization.load_der_public_key(public_key)
    if algorithm in OAEP:
        return key.encrypt(material, oaep(digest))
    aes = os.urandom(32)
    return key.encrypt(aes, oaep(digest)) + aes_key_wrap_with_padding(aes, material)


def pkcs8(key):
    form = serialization.PrivateFormat.PKCS8
    return key.private_bytes(serialization.Encoding.DER, form, serialization.NoEncryption())


def spki(key):
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    return key.public_key().public_bytes(serialization.Encoding.DER, form)


def imported(kms, spec, usage, material, algorithm, wrapping="RSA_3072"):
    """A key with this material."""
    key = kms.create_key(Origin="EXTERNAL", KeySpec=spec, KeyUsage=usage)["KeyMetadata"]["KeyId"]
    import_again(kms, key, material, algorithm, wrapping)
    return key


def import_again(kms, key, material, algorithm, wrapping="RSA_3072"):
    asked = {"WrappingAlgorithm": algorithm, "WrappingKeySpec": wrapping}
    parameters = kms.get_parameters_for_import(KeyId=key, **asked)
    public_key = serialization.load_der_public_key(parameters["PublicKey"])
    assert f"RSA_{public_key.key_size}" == wrapping
    kms.import_key_material(
        KeyId=key,
        ImportToken=parameters["ImportToken"],
        EncryptedKeyMaterial=wrap(algorithm, parameters["PublicKey"], material),
        ExpirationModel="KEY_MATERIAL_DOES_NOT_EXPIRE",
    )


@pytest.mark.parametrize("wrapping", SIZES)
@pytest.mark.parametrize("algorithm", OAEP)
def test_kms_25_an_hmac_key_makes_what_its_owner_makes(kms, algorithm, wrapping):
    material = os.urandom(64)
    usage = "GENERATE_VERIFY_MAC"
    key = imported(kms, "HMAC_512", usage, material, algorithm, wrapping)
    own = HMAC(material, hashes.SHA512())
    own.update(MESSAGE)
    asked = {"KeyId": key, "MacAlgorithm": "HMAC_SHA_512", "Message": MESSAGE}
    assert kms.generate_mac(**asked)["Mac"] == (mac := own.finalize())
    assert kms.verify_mac(Mac=mac, **asked)["MacValid"] is True


@pytest.mark.parametrize("algorithm", [*OAEP, *KEY_WRAP])
@pytest.mark.parametrize("spec", CURVES)
def test_kms_25_an_elliptic_curve_key_signs_on_both_sides(kms, spec, algorithm):
    curve, bits = CURVES[spec]
    own = ec.generate_private_key(curve)
    key = imported(kms, spec, "SIGN_VERIFY", pkcs8(own), algorithm)
    assert kms.get_public_key(KeyId=key)["PublicKey"] == spki(own)
    asked = {"KeyId": key, "Message": MESSAGE, "SigningAlgorithm": f"ECDSA_SHA_{bits}"}
    signature = kms.sign(**asked)["Signature"]
    own.public_key().verify(signature, MESSAGE, ec.ECDSA(HASHES[bits]))
    signature = own.sign(MESSAGE, ec.ECDSA(HASHES[bits]))
    assert kms.verify(Signature=signature, **asked)["SignatureValid"] is True
    other = own.sign(b"another message", ec.ECDSA(HASHES[bits]))
    with pytest.raises(kms.exceptions.KMSInvalidSignatureException):
        kms.verify(Signature=other, **asked)


@pytest.mark.parametrize("spec", ["ECC_NIST_P256", "ECC_NIST_P384", "ECC_NIST_P521"])
def test_kms_25_both_sides_agree(kms, spec):
    curve, _ = CURVES[spec]
    own, peer = ec.generate_private_key(curve), ec.generate_private_key(curve)
    key = imported(kms, spec, "KEY_AGREEMENT", pkcs8(own), KEY_WRAP[1])
    asked = {"KeyAgreementAlgorithm": "ECDH", "PublicKey": spki(peer)}
    derived = kms.derive_shared_secret(KeyId=key, **asked)["SharedSecret"]
    assert derived == peer.exchange(ec.ECDH(), own.public_key())


@pytest.mark.parametrize("algorithm", [*OAEP, *KEY_WRAP])
def test_kms_25_an_ed25519_key_signs_the_same(kms, algorithm):
    own = ed25519.Ed25519PrivateKey.generate()
    key = imported(kms, "ECC_NIST_EDWARDS25519", "SIGN_VERIFY", pkcs8(own), algorithm)
    asked = {"KeyId": key, "Message": MESSAGE, "SigningAlgorithm": "ED25519_SHA_512"}
    assert kms.sign(**asked)["Signature"] == own.sign(MESSAGE)


@pytest.mark.parametrize("algorithm", KEY_WRAP)
@pytest.mark.parametrize("spec", SIZES)
def test_kms_25_an_rsa_key_opens_on_both_sides(kms, spec, algorithm):
    own = rsa.generate_private_key(65537, int(spec.removeprefix("RSA_")))
    key = imported(kms, spec, "ENCRYPT_DECRYPT", pkcs8(own), algorithm, "RSA_4096")
    for name, digest in [("SHA_1", hashes.SHA1()), ("SHA_256", hashes.SHA256())]:
        asked = {"KeyId": key, "EncryptionAlgorithm": f"RSAES_OAEP_{name}"}
        sealed = kms.encrypt(Plaintext=MESSAGE, **asked)["CiphertextBlob"]
        assert own.decrypt(sealed, oaep(digest)) == MESSAGE
        sealed = own.public_key().encrypt(MESSAGE, oaep(digest))
        assert kms.decrypt(CiphertextBlob=sealed, **asked)["Plaintext"] == MESSAGE


@pytest.fixture(scope="module")
def signing_key():
    return rsa.generate_private_key(65537, 3072)


@pytest.mark.parametrize("bits", HASHES)
def test_kms_25_rsa_signatures_of_both_sides(kms, signing_key, bits):
    own, digest = signing_key, HASHES[bits]
    key = imported(kms, "RSA_3072", "SIGN_VERIFY", pkcs8(own), KEY_WRAP[1])
    pss = padding.PSS(mgf=padding.MGF1(digest), salt_length=digest.digest_size)
    for name, scheme in [("PSS", pss), ("PKCS1_V1_5", padding.PKCS1v15())]:
        algorithm = f"RSASSA_{name}_SHA_{bits}"
        asked = {"KeyId": key, "Message": MESSAGE, "SigningAlgorithm": algorithm}
        signature = kms.sign(**asked)["Signature"]
        own.public_key().verify(signature, MESSAGE, scheme, digest)
        with pytest.raises(InvalidSignature):
            own.public_key().verify(signature, b"another message", scheme, digest)
        signature = own.sign(MESSAGE, scheme, digest)
        assert kms.verify(Signature=signature, **asked)["SignatureValid"] is True


@pytest.mark.parametrize("bits", HASHES)
def test_kms_25_pss_with_other_salts_and_masks_is_no_signature(kms, signing_key, bits):
    """The salt is as long as the digest, and MGF1 has the same hash ("RSASSA_PSS_SHA_256")."""
    own, digest = signing_key, HASHES[bits]
    key = imported(kms, "RSA_3072", "SIGN_VERIFY", pkcs8(own), KEY_WRAP[1])
    algorithm = f"RSASSA_PSS_SHA_{bits}"
    asked = {"KeyId": key, "Message": MESSAGE, "SigningAlgorithm": algorithm}
    size = digest.digest_size
    others = [(digest, salt) for salt in [0, 20, size - 1, size + 1, padding.PSS.MAX_LENGTH]]
    masks = [hashes.SHA1(), *HASHES.values()]
    others += [(mask, size) for mask in masks if mask.name != digest.name]
    for mask, salt in others:
        pss = padding.PSS(mgf=padding.MGF1(mask), salt_length=salt)
        signature = own.sign(MESSAGE, pss, digest)
        with pytest.raises(kms.exceptions.KMSInvalidSignatureException):
            kms.verify(Signature=signature, **asked)


def test_kms_25_the_order_of_primes_makes_no_other_key(kms, signing_key):
    numbers = signing_key.private_numbers()
    swapped = rsa.RSAPrivateNumbers(
        p=numbers.q,
        q=numbers.p,
        d=numbers.d,
        dmp1=numbers.dmq1,
        dmq1=numbers.dmp1,
        iqmp=rsa.rsa_crt_iqmp(numbers.q, numbers.p),
        public_numbers=numbers.public_numbers,
    ).private_key()
    key = imported(kms, "RSA_3072", "SIGN_VERIFY", pkcs8(signing_key), KEY_WRAP[1])
    assert pkcs8(swapped) != pkcs8(signing_key)
    import_again(kms, key, pkcs8(swapped), KEY_WRAP[1])
    other = rsa.generate_private_key(65537, 3072)
    with pytest.raises(kms.exceptions.IncorrectKeyMaterialException):
        import_again(kms, key, pkcs8(other), KEY_WRAP[1])
