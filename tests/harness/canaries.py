"""Secrets that can be found again, in whatever form they are written, and the search for them."""

import base64
import itertools
import json
import secrets
import subprocess
import urllib.parse

from harness.places import ROOT

# What texts are rarely made of and encoders change.
ODD = '"\\/+&<é'
# The longest part of a secret that is looked for. Half a secret on record is a leak too.
PART = 24


class Canaries:
    """Texts and bytes by the names of the places where they were planted."""

    def __init__(self):
        self.planted = {}
        self._numbers = itertools.count()

    def __len__(self):
        return len(self.planted)

    def text(self, name):
        """A new secret text, with what encoders change in its middle."""
        return self.keep(name, f"Aa1{secrets.token_hex(10)}{ODD}{secrets.token_hex(10)}")

    def plain(self, name, length=40):
        """A new secret of letters and digits alone."""
        return self.keep(name, "Aa1" + secrets.token_hex(length)[: length - 3])

    def keep(self, name, secret):
        """Looks for this secret from now on. Returns it."""
        self.planted[f"{name}#{next(self._numbers)}"] = secret
        return secret

    def needles(self):
        """Bytes to look for, each with the name of the secret and of the form."""
        for name, secret in self.planted.items():
            for part in parts(secret):
                for form, data in forms(part):
                    yield data, f"{name} as {form}"


def parts(secret):
    """What of a secret is looked for: its ends if it is short, its middle if it is long."""
    if len(secret) <= PART:
        return [secret]
    if len(secret) <= 2 * PART:
        return [secret[: len(secret) // 2 - 4], secret[len(secret) // 2 + 4 :], secret]
    middle = len(secret) // 2
    # Where lines are broken, one of three neighbours is whole.
    return [secret[start : start + PART] for start in (middle - PART, middle, middle + PART)]


def forms(secret):
    """The bytes by which a secret would be recognized."""
    data = secret if isinstance(secret, bytes) else secret.encode()
    yield "itself", data
    yield "hex", data.hex().encode()
    yield "HEX", data.hex().upper().encode()
    yield "percent", urllib.parse.quote(data, safe="").encode()
    yield "percent+", urllib.parse.quote_plus(data).encode()
    yield "numbers", ", ".join(map(str, data)).encode()
    yield "close numbers", ",".join(map(str, data)).encode()
    yield "bytes in Rust", rust_bytes(data)
    for shift in range(3):
        # Drop what depends on the neighbours: 4 characters in front, and the last, partial group.
        encoded = base64.b64encode(bytes(shift) + data)
        encoded = encoded[4 if shift else 0 : (len(data) + shift) // 3 * 4]
        yield f"base64+{shift}", encoded
        yield f"base64url+{shift}", encoded.translate(bytes.maketrans(b"+/", b"-_"))
    if isinstance(secret, str):
        yield "utf-16-le", secret.encode("utf-16-le")
        yield "utf-16-be", secret.encode("utf-16-be")
        yield "JSON", json.dumps(secret)[1:-1].encode()
        yield "JSON in UTF-8", json.dumps(secret, ensure_ascii=False)[1:-1].encode()
        yield "JSON in JSON", json.dumps(json.dumps(secret))[3:-3].encode()
        yield "XML", secret.replace("&", "&amp;").replace("<", "&lt;").encode()


def rust_bytes(data):
    """As Rust's Debug prints bytes."""
    known = {ord("\t"): "\\t", ord("\n"): "\\n", ord("\r"): "\\r", ord('"'): '\\"', ord("\\"): "\\\\"}
    shown = (known.get(b) or (chr(b) if 32 <= b < 127 else f"\\x{b:02x}") for b in data)
    return "".join(shown).encode()


def search(folder, needles, *places):
    """Which needles are in files under some places: (name, path) of each, and how many bytes there are."""
    unique = {data: name for data, name in needles if len(data) >= 12}
    listed = folder / "needles"
    listed.write_text("".join(f"{data.hex()}\t{name}\n" for data, name in unique.items()))
    try:
        done = subprocess.run(
            [program(), "find", listed, *places], capture_output=True, text=True, timeout=600
        )
    finally:
        listed.unlink()
    assert done.returncode == 0, done.stderr
    *lines, last = done.stdout.splitlines()
    what, files, size = last.split("\t")
    assert what == "searched" and int(files) > 0
    return [tuple(line.split("\t")[:2]) for line in lines], int(size)


def program():
    """The program that searches: `cargo xtask test` has built it."""
    path = ROOT / "target/debug/xtask"
    if not path.exists():
        raise FileNotFoundError(f"{path}: build it with `cargo build --package xtask`")
    return path
