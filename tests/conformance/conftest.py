"""Fixtures: one server for the tests of the API, clients for its root user, and keys."""

import itertools

import pytest

from harness.clients import client
from harness.server import Server

_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def server():
    """A server with authorization on, shared by all tests that only call the API."""
    with Server("--log", "warn") as running:
        yield running


@pytest.fixture(scope="session")
def kms(server):
    """boto3 as root."""
    return client(server, "kms")


@pytest.fixture(scope="session")
def iam(server):
    """boto3 as root."""
    return client(server, "iam")


@pytest.fixture
def name():
    """A name that no other test uses."""
    return f"name-{next(_numbers)}"


@pytest.fixture
def key(kms):
    """The metadata of a new key."""
    return kms.create_key()["KeyMetadata"]


@pytest.fixture
def key_id(key):
    """The id of a new key."""
    return key["KeyId"]
