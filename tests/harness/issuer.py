"""An OpenID Connect provider: a key set in a file, and tokens signed with its key."""

import base64
import json
import time

import rsa

HOST = "idp.example.com"


class Issuer:
    """Issues tokens; the server reads its key set from a file."""

    def __init__(self, folder):
        self.host = HOST
        self.public, self.private = rsa.newkeys(2048)
        self.file = folder / "keys.json"
        key = {
            "kty": "RSA",
            "kid": "1",
            "use": "sig",
            "alg": "RS256",
            "n": text(number(self.public.n)),
            "e": text(number(self.public.e)),
        }
        self.file.write_text(json.dumps({"keys": [key]}))

    @property
    def arguments(self):
        """What the server is started with."""
        return ["--oidc-jwks", f"https://{self.host}={self.file}"]

    def token(self, audience, subject):
        """A token for a program, valid for a minute."""
        now = int(time.time())
        head = {"alg": "RS256", "kid": "1", "typ": "JWT"}
        claims = {"iss": f"https://{self.host}", "aud": audience, "sub": subject}
        claims |= {"iat": now, "exp": now + 60}
        parts = [text(json.dumps(part).encode()) for part in (head, claims)]
        signature = rsa.sign(".".join(parts).encode(), self.private, "SHA-256")
        return ".".join([*parts, text(signature)])


def number(value):
    """A number in bytes, the most significant first."""
    return value.to_bytes((value.bit_length() + 7) // 8, "big")


def text(data):
    """Base64url without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
