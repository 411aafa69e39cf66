"""Secrets in calls that fail: every operation that takes one, through everything that can be wrong."""

import base64
import http.client
import json
import urllib.parse

import botocore.session

from conformance.secret_calls import BY_MEANING
from harness.coverage import built
from harness.server import Credentials
from harness.signed import sign

SERVICES = ("events", "iam", "kms", "logs", "organizations", "sns", "sqs", "ssm", "sts")
FORM = "application/x-www-form-urlencoded"
FORGED = Credentials("AKIAABSENTABSENTABSE", "no secret of anybody")


def everything(server, canaries, nobody, answers):
    """Makes all these calls, with `nobody` as a user who may do nothing. Every answer that is an
    error goes to `answers`. Returns the codes of the answers."""
    session, codes = botocore.session.get_session(), []
    caller = Caller(server, nobody, answers)
    for name in SERVICES:
        model = session.get_service_model(name)
        for operation in sorted(built(name)):
            shape = model.operation_model(operation).input_shape
            if shape is None:
                continue
            paths = sensitive(shape) + BY_MEANING.get(f"{name}.{operation}", [])
            is_form = model.metadata["protocol"] == "query"
            for path in paths:
                made = forms if is_form else documents
                for wrong, request in made(model, operation, shape, path, canaries):
                    codes.append(caller.send(f"{name}.{operation}.{path} {wrong}", name, **request))
    codes += [caller.send(place, "kms", **how) for place, how in strange_places(canaries)]
    return codes


class Caller:
    """Sends requests, signed as root unless they say otherwise."""

    def __init__(self, server, nobody, answers):
        self.server, self.nobody, self.answers = server, nobody, answers

    def send(self, what, service, headers, body, path="/", method="POST", who="root"):
        """Sends one; the status of its answer."""
        signed = headers
        if who != "unsigned":
            keys = {"root": self.server.root, "nobody": self.nobody, "forged": FORGED}
            signed = sign(self.server, service, headers, body, keys[who], path=path)
        connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=20)
        try:
            connection.request(method, path, body, signed)
            answer = connection.getresponse()
            told = str(answer.headers).encode() + answer.read()
            if answer.status >= 400:
                with self.answers.open("ab") as file:
                    file.write(what.split("#")[0].encode() + b"\n" + told + b"\n")
            return answer.status
        except (ConnectionError, http.client.HTTPException):
            return 0
        finally:
            connection.close()


def sensitive(shape, path="", inside=()):
    """The paths of leaves that a model calls sensitive: `Name`, `[]` of a list, `{}` of a map."""
    if shape.name in inside:
        return []
    inside = (*inside, shape.name)
    if shape.type_name == "structure":
        dot = "." if path else ""
        members = shape.members.items()
        return [found for name, m in members for found in sensitive(m, f"{path}{dot}{name}", inside)]
    if shape.type_name == "list":
        return sensitive(shape.member, f"{path}[]", inside)
    if shape.type_name == "map":
        return sensitive(shape.value, path + "{}", inside)
    return [path] if shape.metadata.get("sensitive") else []


def minimal(shape):
    """A value that the model allows, or nearly so."""
    match shape.type_name:
        case "structure":
            return {name: minimal(shape.members[name]) for name in shape.required_members}
        case "list":
            return [minimal(shape.member)]
        case "map":
            return {"a": minimal(shape.value)}
        case "string":
            return (shape.enum or ["a" * max(1, shape.metadata.get("min", 1))])[0]
        case "blob":
            return base64.b64encode(b"a").decode()
        case "boolean":
            return True
        case _:
            return 1


def with_leaf(shape, path, leaf, value=None):
    """A value of a shape with `leaf` at a path."""
    if not path:
        return leaf
    value = minimal(shape) if value is None else value
    if path.startswith("[]"):
        return [with_leaf(shape.member, path[2:].lstrip("."), leaf)]
    if path.startswith("{}"):
        return {"a": with_leaf(shape.value, path[2:].lstrip("."), leaf)}
    end = min((path.find(mark) for mark in (".", "[", "{") if mark in path), default=len(path))
    name, rest = path[:end], path[end:].lstrip(".")
    return value | {name: with_leaf(shape.members[name], rest, leaf)}


def documents(model, operation, shape, path, canaries):
    """Requests in JSON and CBOR, by what is wrong with them."""
    target = model.metadata["targetPrefix"]
    json_headers = {
        "X-Amz-Target": f"{target}.{operation}",
        "Content-Type": f"application/x-amz-json-{model.metadata['jsonVersion']}",
    }

    def secret(wrong):
        return canaries.text(f"{model.service_name}.{operation}.{path}, {wrong}")

    def encoded(wrong):
        return base64.b64encode(secret(wrong).encode()).decode()

    def put(leaf):
        return with_leaf(shape, path, leaf)

    bodies = {
        "as it should be": put(secret("right")),
        "in base64": put(encoded("base64")),
        "a list": put([secret("list")]),
        "an object": put({"a": secret("object")}),
        "a name": put({secret("name"): 1}),
        "misspelt": put(encoded("right beside a misspelt one")) | {"Passwordd": secret("misspelt")},
        "a member's name": {secret("member"): "a"},
        "in a number": in_numbers(shape, put("a"), secret("number")),
        "the whole": secret("whole"),
        "the whole in a list": [secret("whole list")],
        "too long": put(secret("long") * 6000),
        "far too long": put(secret("longer") * 25_000),
    }
    for wrong, body in bodies.items():
        yield wrong, {"headers": json_headers, "body": json.dumps(body).encode()}
    for wrong in ("{", "}}", '"', "cut", "\\x"):
        whole = json.dumps(put(secret(wrong)))
        cut = whole[:-2] if wrong == "cut" else whole + wrong
        yield f"broken by {wrong}", {"headers": json_headers, "body": cut.encode()}
    for who in ("unsigned", "forged", "nobody"):
        body = json.dumps(put(encoded(who))).encode()
        yield f"by {who}", {"headers": json_headers, "body": body, "who": who}
    for kind in (FORM, "text/xml", "application/cbor"):
        body = json.dumps(put(encoded(kind))).encode()
        yield f"called {kind}", {"headers": json_headers | {"Content-Type": kind}, "body": body}
    binary = {"Smithy-Protocol": "rpc-v2-cbor", "Content-Type": "application/cbor"}
    place = f"/service/{target}/operation/{operation}"
    for wrong, cut in (("CBOR", None), ("CBOR cut off", -2), ("CBOR and more", None)):
        leaf = [secret(wrong)] if wrong.endswith("more") else secret(wrong)
        body = cbor(put(leaf))[:cut] + (b"\xff" if wrong.endswith("more") else b"")
        yield wrong, {"headers": binary, "body": body, "path": place}


def in_numbers(shape, value, secret):
    """The value with a secret in every member of the structure that is neither text nor nested."""
    plain = ("integer", "long", "boolean", "timestamp", "double", "float")
    return value | {name: secret for name, m in shape.members.items() if m.type_name in plain}


def cbor(value):
    """What a value is in CBOR, of few kinds."""

    def head(major, number):
        return bytes([major << 5 | 26]) + number.to_bytes(4, "big")

    match value:
        case bool():
            return b"\xf5" if value else b"\xf4"
        case int():
            return head(0, value)
        case str():
            return head(3, len(value.encode())) + value.encode()
        case list():
            return head(4, len(value)) + b"".join(map(cbor, value))
        case dict():
            return head(5, len(value)) + b"".join(cbor(k) + cbor(v) for k, v in value.items())


def forms(model, operation, shape, path, canaries):
    """Requests of the query protocol, by what is wrong with them."""
    known = {name: str(value) for name, value in minimal(shape).items() if isinstance(value, str)}
    known = {"Action": operation, "Version": model.metadata["apiVersion"]} | known
    headers = {"Content-Type": FORM}

    def secret(wrong):
        return canaries.text(f"{model.service_name}.{operation}.{path}, {wrong}")

    fields = {
        "as it should be": {path: secret("right")},
        "a list": {f"{path}.member.1": secret("list")},
        "misspelt": {f"{path}d": secret("misspelt")},
        "a member's name": {secret("name"): "a"},
        "too long": {path: secret("long") * 6000},
        "far too long": {path: secret("longer") * 25_000},
        "another version": {path: secret("version"), "Version": "1999-01-01"},
        "no operation": {path: secret("no operation"), "Action": "NoSuch"},
    }
    for wrong, more in fields.items():
        yield wrong, {"headers": headers, "body": urllib.parse.urlencode(known | more).encode()}
    for wrong in ("%zz", "%ff", f"&{path}=again", "&=&&", "%00"):
        body = urllib.parse.urlencode(known | {path: secret(wrong)}) + wrong
        yield f"broken by {wrong}", {"headers": headers, "body": body.encode()}
    for who in ("unsigned", "forged", "nobody"):
        body = urllib.parse.urlencode(known | {path: secret(who)}).encode()
        yield f"by {who}", {"headers": headers, "body": body, "who": who}
    for method in ("GET", "POST", "PUT"):
        query = urllib.parse.urlencode(known | {path: secret(f"in the query of {method}")})
        request = {"headers": headers, "body": b"", "path": f"/?{query}", "method": method}
        yield f"in the query of {method}", request | {"who": "unsigned"}
    document = json.dumps(known | {path: secret("JSON")}).encode()
    yield "JSON", {"headers": headers, "body": document}
    yield "called JSON", {"headers": {"Content-Type": "application/x-amz-json-1.1"}, "body": document}
    text = f"<{operation}><{path}>{secret('XML')}</{path}></{operation}>".encode()
    yield "XML", {"headers": {"Content-Type": "text/xml"}, "body": text}


def strange_places(canaries):
    """Requests with secrets where none belongs."""
    call = {"X-Amz-Target": "TrentService.ListKeys", "Content-Type": "application/x-amz-json-1.1"}

    def secret(place):
        return canaries.plain(place)

    for name in ("X-Amz-Security-Token", "Cookie", "X-Secret", "X-Amz-Meta-Secret", "Referer", "Origin"):
        yield f"header {name}", {"headers": call | {name: secret(f"header {name}")}, "body": b"{}"}
    for scheme in ("Basic ", "Bearer ", "AWS4-HMAC-SHA256 Credential=a/b/c/d/aws4_request,Signature=", ""):
        headers = call | {"Authorization": scheme + secret(f"Authorization {scheme}")}
        yield f"Authorization {scheme}", {"headers": headers, "body": b"{}", "who": "unsigned"}
    for form in ("/{}", "/?password={}", "/?{}", "/service/{}/operation/Encrypt", "/a/{}/b", "//{}"):
        for method in ("GET", "POST", "PUT", "DELETE"):
            path = form.format(secret(f"path {form}, {method}"))
            # The answer to a wrong signature repeats what should have been signed, as AWS's does.
            who = "root" if method == "POST" else "unsigned"
            request = {"headers": call, "body": b"{}", "path": path, "method": method, "who": who}
            yield f"path {form}", request
    for name in ("X-Amz-Signature", "X-Amz-Security-Token"):
        path = f"/?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=a&{name}={secret(f'presigned {name}')}"
        yield f"presigned {name}", {"headers": call, "body": b"", "path": path, "who": "unsigned"}
    for name in ("Content-Encoding", "Content-MD5", "X-Amz-Content-Sha256", "X-Amz-Date"):
        headers = call | {name: secret(f"header {name}")}
        yield f"header {name}", {"headers": headers, "body": b"{}", "who": "unsigned"}
