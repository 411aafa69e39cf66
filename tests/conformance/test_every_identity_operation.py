"""Every operation of IAM, Organizations and STS that is built succeeds through boto3, and its answer
has the members that AWS documents, each of the documented type."""

import datetime
import functools
import json
from collections import defaultdict
from pathlib import Path

import boto3
import botocore
import pytest

from conformance import identity_calls as calls
from conformance.organization_calls import organization
from harness.coverage import built
from harness.issuer import Issuer
from harness.server import Server

SERVICES = ("iam", "organizations", "sts")
# What these calls cannot make succeed, and why.
NOT_DRIVEN = {
    ("organizations", "CreateGovCloudAccount"): "there is no account in AWS GovCloud to link it to",
    ("sts", "AssumeRoleWithSAML"): "its assertions are signed in crates/server/tests/sessions",
    ("sts", "DecodeAuthorizationMessage"): "no operation that is built answers with such a message",
}
# Members of AWS's examples that an answer does not have, and why.
DIFFERENCES = {
    ("iam", "ListUsers", ".Users[].PasswordLastUsed"): "nobody signed in to a console",
}
# Values that AWS answers and its model does not list, by member: the examples of
# SimulateCustomPolicy in the IAM API reference, and the text of AttachedPermissionsBoundary there.
UNLISTED = {("SourcePolicyType", "IAM Policy"), ("PermissionsBoundaryType", "Policy")}


@pytest.fixture(scope="module")
def answers(tmp_path_factory):
    """What was answered, by service and operation."""
    issuer = Issuer(tmp_path_factory.mktemp("issuer"))
    with Server("--log", "warn", *issuer.arguments) as server:
        yield call_everything(server, issuer)


def call_everything(server, issuer):
    """Calls everything on a server that trusts an issuer; what was answered."""
    recorder = calls.Recorder(server)
    iam = recorder.client("iam")
    admin = calls.administrator(iam)
    for story in (
        calls.users, calls.groups, calls.roles, calls.policies, calls.multi_factor, calls.providers,
    ):
        story(iam, recorder)
    for story in (
        calls.user_credentials, calls.server_certificates, calls.account, calls.simulations,
        calls.sessions,
    ):
        story(recorder.client("iam", admin), recorder, admin)
    calls.federation(recorder, issuer)
    top = recorder.client("iam", calls.named_account(server))
    organization(recorder, calls.administrator(top))
    return recorder.answers


@functools.cache
def model(service):
    """The client's model of a service."""
    made = boto3.client(service, region_name="us-east-1", aws_access_key_id="", aws_secret_access_key="")
    return made.meta.service_model


@pytest.mark.parametrize("service", SERVICES)
def test_every_built_operation_succeeds(answers, service):
    driven = {name for known, name in answers if known == service}
    excused = {name for known, name in NOT_DRIVEN if known == service}
    assert driven | excused == built(service)
    assert not driven & excused


def examples():
    """AWS's examples of answers: service, operation, answer."""
    data = Path(botocore.__file__).parent / "data"
    for service in SERVICES:
        [path] = (data / service).glob("*/examples-1.json")
        for operation, all_of_it in json.loads(path.read_text())["examples"].items():
            if operation not in built(service) or (service, operation) in NOT_DRIVEN:
                continue
            for example in all_of_it:
                if example.get("output"):
                    yield service, operation, example["output"]


def paths(shape, value, at=""):
    """The members of a parsed value with their places, items of lists all at one."""
    if shape.type_name == "structure":
        for name, inner in value.items():
            # A member that the model no longer has.
            if name in shape.members:
                yield f"{at}.{name}", shape.members[name], inner
                yield from paths(shape.members[name], inner, f"{at}.{name}")
    elif shape.type_name == "list":
        for inner in value:
            yield from paths(shape.member, inner, f"{at}[]")
    elif shape.type_name == "map":
        for key, inner in value.items():
            yield f"{at}.{key}", shape.value, inner


def seen(answers, service, operation):
    """The places of all members that some answer of an operation has."""
    shape = model(service).operation_model(operation).output_shape
    found = defaultdict(list)
    for answer in answers[service, operation] if shape else []:
        for at, member, value in paths(shape, answer):
            found[at].append((member, value))
    return found


@pytest.mark.parametrize(("service", "operation", "output"), list(examples()))
def test_the_members_of_the_examples_are_there(answers, service, operation, output):
    shape = model(service).operation_model(operation).output_shape
    wanted = {at for at, _, _ in paths(shape, output)}
    excused = {at for known, name, at in DIFFERENCES if (known, name) == (service, operation)}
    missing = wanted - set(seen(answers, service, operation))
    assert missing == wanted & excused


# The model of Organizations requires no member of an answer.
@pytest.mark.parametrize("service", ["iam", "sts"])
def test_required_members_are_there(answers, service):
    checked, missing = 0, []
    for (known, operation), all_of_it in answers.items():
        if known != service:
            continue
        shape = model(service).operation_model(operation).output_shape
        for answer in all_of_it if shape else []:
            for at, structure, value in [("", shape, answer), *paths(shape, answer)]:
                items = value if structure.type_name == "list" else [value]
                structure = structure.member if structure.type_name == "list" else structure
                if structure.type_name == "structure":
                    checked += len(items) * len(structure.required_members)
                    missing += [
                        (operation, at, name)
                        for item in items
                        for name in structure.required_members
                        if name not in item
                    ]
    assert missing == []
    assert checked > 0


TYPES = {
    "string": str,
    "boolean": bool,
    "integer": int,
    "long": int,
    "timestamp": datetime.datetime,
    "list": list,
    "map": dict,
    "structure": dict,
    "blob": bytes,
}


@pytest.mark.parametrize("service", SERVICES)
def test_members_have_their_types(answers, service):
    known = [operation for name, operation in answers if name == service]
    checked = 0
    for operation in known:
        for at, found in seen(answers, service, operation).items():
            for member, value in found:
                wanted = TYPES[member.type_name]
                # botocore reads the documents of policies.
                allowed = (wanted, dict) if at.endswith("Document") else wanted
                assert isinstance(value, allowed), (operation, at, value)
                names = getattr(member, "enum", None)
                if names and (at.rpartition(".")[2], value) not in UNLISTED:
                    assert value in names, (operation, at, value)
                checked += 1
    assert checked > 10
