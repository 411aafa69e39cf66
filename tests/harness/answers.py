"""What unmodified clients ask and are answered, beside what AWS's models say of it."""

import datetime
import functools
from collections import defaultdict

import boto3

from harness.clients import client

# Values that AWS answers and its model does not list, by member: the examples of
# SimulateCustomPolicy in the IAM API reference, and the text of AttachedPermissionsBoundary there.
UNLISTED = {("SourcePolicyType", "IAM Policy"), ("PermissionsBoundaryType", "Policy")}
TYPES = {
    "string": str,
    "boolean": bool,
    "integer": int,
    "long": int,
    "double": float,
    "timestamp": datetime.datetime,
    "list": list,
    "map": dict,
    "structure": dict,
    "blob": bytes,
}


class Recorder:
    """Hands out clients, and keeps all of their successful calls by service and operation: what was
    asked, and the parsed answers."""

    def __init__(self, server):
        self.server = server
        self.requests = defaultdict(list)
        self.answers = defaultdict(list)

    def client(self, service, who=None):
        """A client whose calls are kept."""
        made = client(self.server, service, who)
        made.meta.events.register("before-parameter-build", self.ask)
        made.meta.events.register("after-call", self.keep)
        return made

    def ask(self, params, context, **_):
        """Called by botocore with every request."""
        context["asked"] = dict(params)

    def keep(self, http_response, parsed, model, context, **_):
        """Called by botocore with every answer."""
        if http_response.status_code == 200:
            place = model.service_model.service_name, model.name
            kept = {key: value for key, value in parsed.items() if key != "ResponseMetadata"}
            self.requests[place].append(context["asked"])
            self.answers[place].append(kept)


@functools.cache
def model(service):
    """The client's model of a service."""
    made = boto3.client(service, region_name="us-east-1", aws_access_key_id="", aws_secret_access_key="")
    return made.meta.service_model


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


def asked(requests, service, operation):
    """The places of all members that some request of an operation has."""
    shape = model(service).operation_model(operation).input_shape
    return {at for request in requests[service, operation] for at, _, _ in paths(shape, request)}


def known(shape, at="", within=()):
    """The places of all members that a shape may have."""
    if shape is None or shape.name in within:
        return
    within = (*within, shape.name)
    if shape.type_name == "structure":
        for name, inner in shape.members.items():
            yield f"{at}.{name}"
            yield from known(inner, f"{at}.{name}", within)
    elif shape.type_name == "list":
        yield from known(shape.member, f"{at}[]", within)


def missing_required(answers, service):
    """Members that the model requires of answers and that are not there, and how many there are."""
    checked, missing = 0, []
    for (name, operation), all_of_it in answers.items():
        shape = model(service).operation_model(operation).output_shape if name == service else None
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
    return missing, checked


def check_types(answers, service):
    """Holds the members of all answers to their types; how many."""
    checked = 0
    for operation in [operation for name, operation in answers if name == service]:
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
    return checked
