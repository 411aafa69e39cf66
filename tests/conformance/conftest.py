"""Fixtures: one server for the tests of the API, clients for its root user, and keys."""

import itertools
import shutil
import subprocess

import pytest

from harness import databases
from harness.clients import client
from harness.server import Server

_numbers = itertools.count(1)


def pytest_collection_modifyitems(items):
    """Files with what waits longest, Terraform, begin first: the rest is done meanwhile."""
    first = {item.path for item in items if "terraform" in item.nodeid}
    items.sort(key=lambda item: item.path not in first)


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


@pytest.fixture(scope="session")
def postgres():
    """A PostgreSQL server, where one is installed."""
    with started("postgres", databases.postgres) as running:
        yield running


@pytest.fixture(scope="session")
def mariadb():
    """A MariaDB server, where one is installed."""
    with started("mariadbd", databases.mariadb) as running:
        yield running


@pytest.fixture(scope="session")
def redis():
    """A Redis server, where one is installed."""
    with started("redis-server", databases.redis) as running:
        yield running


def started(program, start):
    """A database server, or a skipped test."""
    if databases.find(program) is None:
        pytest.skip(f"skipped: no {program}")
    return start()


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


_keys = {}


@pytest.fixture
def key_of(kms):
    """A key of a kind, made once: large RSA keys take their time."""

    def make(spec, usage):
        if (spec, usage) not in _keys:
            made = kms.create_key(KeySpec=spec, KeyUsage=usage)["KeyMetadata"]
            _keys[spec, usage] = made["KeyId"]
        return _keys[spec, usage]

    return make


@pytest.fixture
def openssl(tmp_path):
    """Runs `openssl` in a folder of its own; `files` are written there first."""
    program = shutil.which("openssl")
    if program is None:
        pytest.skip("skipped: no openssl")

    def run(*arguments, **files):
        for name, content in files.items():
            (tmp_path / name).write_bytes(content)
        return subprocess.run([program, *arguments], cwd=tmp_path, capture_output=True, check=False)

    return run
