"""Every operation of IAM, Organizations and STS that is built succeeds through boto3, and its answer
has the members that AWS documents, each of the documented type."""

import json
from pathlib import Path

import botocore
import pytest

from conformance import identity_calls as calls
from conformance.organization_calls import organization
from harness.answers import Recorder, check_types, missing_required, model, paths, seen
from harness.coverage import built
from harness.issuer import Issuer
from harness.server import Server

SERVICES = ("iam", "organizations", "sts")
# What these calls cannot make succeed, and why.
NOT_DRIVEN = {
    ("organizations", "CreateGovCloudAccount"): "there is no account in AWS GovCloud to link it to",
    ("sts", "AssumeRoleWithSAML"): "its assertions are signed in crates/server/tests/services/sessions",
    ("sts", "DecodeAuthorizationMessage"): "no operation that is built answers with such a message",
}
# Members of AWS's examples that an answer does not have, and why.
DIFFERENCES = {
    ("iam", "ListUsers", ".Users[].PasswordLastUsed"): "nobody signed in to a console",
}


@pytest.fixture(scope="module")
def answers(tmp_path_factory):
    """What was answered, by service and operation."""
    issuer = Issuer(tmp_path_factory.mktemp("issuer"))
    with Server("--log", "warn", *issuer.arguments) as server:
        yield call_everything(server, issuer)


def call_everything(server, issuer):
    """Calls everything on a server that trusts an issuer; what was answered."""
    recorder = Recorder(server)
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
    missing, checked = missing_required(answers, service)
    assert missing == []
    assert checked > 0


@pytest.mark.parametrize("service", SERVICES)
def test_members_have_their_types(answers, service):
    assert check_types(answers, service) > 10
