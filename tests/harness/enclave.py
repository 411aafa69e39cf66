"""An enclave of one's own: certificates and attestation documents made with `openssl`, and a small
writer of CBOR. It shares nothing with the server but the published form of a document."""

import subprocess
import time

AUTHORITY = "basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign\n"
SIGNER = "basicConstraints=critical,CA:FALSE\nkeyUsage=digitalSignature\n"


def head(major, value):
    """The head of a CBOR item, as short as it can be."""
    if value < 24:
        return bytes([major << 5 | value])
    for code, size in ((24, 1), (25, 2), (26, 4), (27, 8)):
        if value < 1 << (8 * size):
            return bytes([major << 5 | code]) + value.to_bytes(size, "big")
    raise OverflowError(value)


def cbor(value):
    """Numbers, bytes, texts, lists, dictionaries and `None`."""
    match value:
        case None:
            return b"\xf6"
        case int():
            return head(0, value)
        case bytes():
            return head(2, len(value)) + value
        case str():
            return head(3, len(value.encode())) + value.encode()
        case list():
            return head(4, len(value)) + b"".join(map(cbor, value))
        case dict():
            entries = (cbor(key) + cbor(item) for key, item in value.items())
            return head(5, len(value)) + b"".join(entries)
    raise TypeError(value)


def fixed(signature):
    """Both numbers of an ECDSA signature (DER), 48 bytes each."""
    first = 4 + signature[3]
    numbers = signature[4:first], signature[first + 2 :]
    return b"".join(number.lstrip(b"\0").rjust(48, b"\0") for number in numbers)


class Enclave:
    """Signs documents under a root of its own; the private key of the documents is its own too."""

    def __init__(self, folder):
        self.folder = folder
        self.run("req", "-x509", *self.new_key("root"), "-days", "2", "-out", "root.pem")
        self.issue("between", "root", AUTHORITY)
        self.issue("signer", "between", SIGNER)
        self.run("genrsa", "-out", "recipient.key", "2048")
        arguments = ["-in", "recipient.key", "-pubout", "-outform", "DER"]
        self.public_key = self.run("rsa", *arguments)
        self.root = folder / "root.pem"

    def run(self, *arguments, given=None):
        """Runs `openssl` in the folder; what it writes."""
        command = ["openssl", *arguments]
        return subprocess.run(
            command, cwd=self.folder, input=given, capture_output=True, check=True
        ).stdout

    def new_key(self, name):
        """The arguments that make a key on P-384, and the name of its certificate."""
        settings = f"[req]\ndistinguished_name=dn\nx509_extensions=ext\n[dn]\n[ext]\n{AUTHORITY}"
        (self.folder / "openssl.cnf").write_text(settings)
        key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-384", "-nodes", "-sha384"]
        return [*key, "-keyout", f"{name}.key", "-subj", f"/CN={name}", "-config", "openssl.cnf"]

    def issue(self, name, issuer, extensions):
        """Makes a certificate under another one."""
        self.run("req", *self.new_key(name), "-out", f"{name}.csr")
        (self.folder / f"{name}.ext").write_text(extensions)
        signing = ["-CA", f"{issuer}.pem", "-CAkey", f"{issuer}.key", "-CAcreateserial", "-sha384"]
        arguments = ["-req", "-in", f"{name}.csr", "-days", "2", "-extfile", f"{name}.ext"]
        self.run("x509", *arguments, *signing, "-out", f"{name}.pem")

    def der(self, name):
        """A certificate in DER."""
        return self.run("x509", "-in", f"{name}.pem", "-outform", "DER")

    def document(self, registers, field="pcrs"):
        """A signed document that has these registers."""
        payload = cbor(
            {
                "module_id": "i-0123456789abcdef0-enc0123456789abcde",
                "digest": "SHA384",
                "timestamp": int(time.time() * 1000),
                field: registers,
                "certificate": self.der("signer"),
                "cabundle": [self.der("root"), self.der("between")],
                "public_key": self.public_key,
                "user_data": None,
                "nonce": b"nonce",
            }
        )
        header = b"\xa1\x01\x38\x22"
        (self.folder / "message").write_bytes(cbor(["Signature1", header, b"", payload]))
        signature = self.run("dgst", "-sha384", "-sign", "signer.key", "message")
        return cbor([header, {}, payload, fixed(signature)])

    def recipient(self, registers, field="pcrs"):
        """The `Recipient` of a request."""
        return {
            "KeyEncryptionAlgorithm": "RSAES_OAEP_SHA_256",
            "AttestationDocument": self.document(registers, field),
        }

    def open(self, sealed):
        """What `CiphertextForRecipient` holds."""
        arguments = ["-decrypt", "-binary", "-inform", "DER", "-inkey", "recipient.key"]
        return self.run("cms", *arguments, given=sealed)
