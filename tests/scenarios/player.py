"""Plays a scenario: reads its steps, sends signed requests, compares the answers."""

import base64
import datetime
import json
import re
import tomllib
import urllib.parse
import urllib.request
import xml.etree.ElementTree as ElementTree

import pytest

from harness.identities import new_user
from harness.places import reference
from harness.server import Server
from harness.signed import JSON, Connection, sign

VERSIONS = {"iam": "2010-05-08", "sts": "2011-06-15"}
FORM = "application/x-www-form-urlencoded"
NAME = re.compile(r"\$\{([a-z_]+)(?::([^}]*))?\}")
KNOWN = {"about", "users", "dev", "step"}
KNOWN_IN_STEP = {
    "call", "as", "region", "input", "output", "absent", "keep", "error", "message", "advance_days"
}  # fmt: skip


def load(path):
    """The scenario in a file. A misspelt member would test nothing, so it is refused."""
    scenario = tomllib.loads(path.read_text())
    unknown = set(scenario) - KNOWN
    for step in scenario["step"]:
        unknown |= set(step) - KNOWN_IN_STEP
        assert ("call" in step) != ("advance_days" in step), step
        assert not ("error" in step and {"output", "absent", "keep"} & set(step)), step
    assert not unknown, f"{path.name}: unknown members {unknown}"
    return scenario


class Player:
    """A server with a scenario on it."""

    def __init__(self, scenario):
        self.scenario = scenario
        dev = ["--dev", "--auth", "enforce"] if scenario.get("dev") else []
        self.server = Server(*dev)
        self.ahead = datetime.timedelta()

    def __enter__(self):
        self.server.start()
        self.kept = {"account": self.server.account}
        self.users = {name: new_user(self.server, name) for name in self.scenario.get("users", [])}
        return self

    def __exit__(self, *failure):
        self.server.__exit__(*failure)

    def play(self):
        """Every step in turn."""
        for number, step in enumerate(self.scenario["step"], 1):
            if "advance_days" in step:
                self.advance(step["advance_days"])
                continue
            step = {name: self.fill(value) for name, value in step.items()}
            status, answer = self.send(step)
            shown = f"step {number}, {step['call']}: {status} {answer}"
            if "error" in step:
                self.check_error(step, status, answer, shown)
            else:
                self.check_output(step, status, answer, shown)

    def check_error(self, step, status, answer, shown):
        """The error has the code and text that the step says."""
        assert status >= 400, shown
        assert answer["code"] == step["error"], shown
        if "message" in step:
            assert matches(answer["message"], step["message"]), shown

    def check_output(self, step, status, answer, shown):
        """The answer has what the step says, and lacks what it says."""
        assert status == 200, shown
        assert contains(answer, step.get("output", {})), shown
        for path in step.get("absent", []):
            assert member(answer, path) is None, shown
        for name, path in step.get("keep", {}).items():
            assert member(answer, path) is not None, f"no {path}: {shown}"
            self.kept[name] = member(answer, path)

    def send(self, step):
        """Status and answer of the call, whatever its protocol."""
        service, _, operation = step["call"].partition(".")
        who = {
            "credentials": self.users[step["as"]] if "as" in step else None,
            "region": step.get("region", "us-east-1"),
            "ahead": self.ahead,
        }
        connection = Connection(self.server, **who)
        if service == "kms":
            status, _, answer = connection.call(operation, **step.get("input", {}))
            return status, json_answer(status, answer or {})
        form = {"Action": operation, "Version": VERSIONS[service], **flat(step.get("input", {}))}
        body = urllib.parse.urlencode(form).encode()
        moment = datetime.datetime.now(datetime.UTC) + who.pop("ahead")
        headers = sign(self.server, service, {"Content-Type": FORM}, body, moment=moment, **who)
        status, _, answer = connection.send(headers, body)
        return status, xml_answer(status, answer)

    def advance(self, days):
        """Moves the server's clock and the clients'."""
        self.ahead += datetime.timedelta(days=days)
        body = json.dumps({"advance_seconds": round(days * 86400)}).encode()
        urllib.request.urlopen(f"{self.server.endpoint}/_strongroom/dev/clock", data=body).close()

    def fill(self, value):
        """The value with every ${name} replaced."""
        match value:
            case str():
                return NAME.sub(self.replacement, value)
            case dict():
                return {self.fill(name): self.fill(item) for name, item in value.items()}
            case list():
                return [self.fill(item) for item in value]
            case _:
                return value

    def replacement(self, found):
        """What a ${name} stands for."""
        match found[1], found[2]:
            case "zeros", count:
                return base64.b64encode(bytes(int(count))).decode()
            case "flip", name:
                data = bytearray(base64.b64decode(self.kept[name]))
                data[-1] ^= 1
                return base64.b64encode(data).decode()
            case "reference", name:
                path = reference(name)
                if path is None:
                    pytest.skip("the reference data is not beside the repository")
                return path.read_text().replace("111122223333", self.server.account)
            case name, _:
                return str(self.kept[name])


def json_answer(status, answer):
    """An answer of KMS; errors as code and message."""
    if status == 200:
        return answer
    message = answer.get("message", answer.get("Message"))
    return {"code": answer["__type"].rpartition("#")[2], "message": message}


def xml_answer(status, text):
    """An answer of a query service as nested members, without its wrappers."""
    root = ElementTree.fromstring(text)
    if status != 200:
        fields = {local(item): item.text for item in root.iter()}
        return {"code": fields["Code"], "message": fields["Message"]}
    results = [item for item in root if local(item).endswith("Result")]
    return tree(results[0]) or {} if results else {}


def tree(element):
    """An XML element as text, list or object."""
    children = list(element)
    if not children:
        return element.text
    if all(local(child) == "member" for child in children):
        return [tree(child) for child in children]
    return {local(child): tree(child) for child in children}


def local(element):
    """An element's name without its namespace."""
    return element.tag.rpartition("}")[2]


def flat(value, prefix=""):
    """The members of a query form."""
    match value:
        case dict():
            items = value.items()
        case list():
            items = ((f"member.{number}", item) for number, item in enumerate(value, 1))
        case _:
            return {prefix: value}
    path = f"{prefix}." if prefix else ""
    return {name: text for key, item in items for name, text in flat(item, path + key).items()}


def member(answer, path):
    """The member at a dotted path, or None."""
    for name in path.split("."):
        if isinstance(answer, list):
            answer = answer[int(name)] if int(name) < len(answer) else None
        elif isinstance(answer, dict):
            answer = answer.get(name)
        else:
            return None
    return answer


def contains(answer, expected):
    """Whether the answer has everything that is expected, and maybe more."""
    if isinstance(expected, dict):
        return isinstance(answer, dict) and all(
            contains(answer.get(name), item) for name, item in expected.items()
        )
    if isinstance(expected, list):
        return (
            isinstance(answer, list)
            and len(answer) == len(expected)
            and all(map(contains, answer, expected))
        )
    return matches(answer, expected)


def matches(answer, expected):
    """Whether a single value is as expected; text between slashes is a pattern."""
    if isinstance(expected, str) and len(expected) > 1 and expected[0] == expected[-1] == "/":
        return isinstance(answer, str) and re.fullmatch(expected[1:-1], answer, re.S) is not None
    return answer == expected and isinstance(answer, bool) == isinstance(expected, bool)
