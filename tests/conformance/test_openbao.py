"""OpenBao, the program: a secret store that a key of KMS unseals at each start."""

import json
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from harness.clients import environment
from harness.identities import allow, new_user, policy

BAO = shutil.which("bao", path=Path(sys.executable).parent) or shutil.which("bao")
pytestmark = pytest.mark.skipif(BAO is None, reason="skipped: no bao")

# What its API answers while it is not there for its clients: standing by, not initialized, sealed.
NOT_YET = {429, 472, 473, 501, 503}
CONFIGURATION = """
api_addr = "http://127.0.0.1:{port}"
cluster_addr = "http://127.0.0.1:{cluster}"
listener "tcp" {{
  address = "127.0.0.1:{port}"
  cluster_address = "127.0.0.1:{cluster}"
  tls_disable = true
}}
storage "raft" {{
  path = "{folder}/storage"
  node_id = "one"
}}
seal "awskms" {{
  region = "us-east-1"
  kms_key_id = "{key}"
  endpoint = "{endpoint}"
}}
"""


def free_ports(count):
    """Ports that nobody listens on."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


class Bao:
    """A server of OpenBao on one folder."""

    def __init__(self, folder, variables, key):
        self.folder, self.variables = folder, variables
        self.port, cluster = free_ports(2)
        (folder / "storage").mkdir()
        # Its client of AWS is older than the variable that names an endpoint.
        endpoint = variables["AWS_ENDPOINT_URL"]
        places = {"port": self.port, "cluster": cluster, "folder": folder}
        text = CONFIGURATION.format(key=key, endpoint=endpoint, **places)
        (folder / "bao.hcl").write_text(text)
        self.process = None

    def start(self):
        """Starts it, without waiting for anything."""
        with (self.folder / "bao.log").open("ab") as log:
            command = [BAO, "server", "-config", self.folder / "bao.hcl"]
            self.process = subprocess.Popen(
                command, env=self.variables, stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )

    def stop(self):
        """Ends it, if it runs."""
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait()

    def log(self):
        """What it has written so far."""
        return (self.folder / "bao.log").read_text()

    def call(self, method, path, body=None, token=""):
        """The answer of its API, or None while it does not listen or is not ready."""
        data = None if body is None else json.dumps(body).encode()
        where = f"http://127.0.0.1:{self.port}/v1/{path}"
        request = urllib.request.Request(where, data, {"X-Vault-Token": token}, method=method)
        try:
            with urllib.request.urlopen(request) as answer:
                text = answer.read()
        except urllib.error.HTTPError as error:
            assert error.code in NOT_YET, error.read()
            return None
        except (ConnectionError, urllib.error.URLError):
            return None
        return json.loads(text) if text else {}

    def wait(self, path, holds):
        """Waits for an answer of which something holds."""
        while True:
            answer = self.call("GET", path)
            if answer is not None and holds(answer):
                return answer
            assert self.process.poll() is None, self.log()
            time.sleep(0.1)

    def wait_until_active(self):
        """Waits until it is unsealed and has elected itself."""
        self.wait("sys/health", lambda health: not health["standby"])


@pytest.fixture
def bao(server, tmp_path, key, name):
    """A server whose user may do with the key what its documentation asks for."""
    needs = ["kms:Encrypt", "kms:Decrypt", "kms:DescribeKey"]
    user = new_user(server, f"{name}-bao", policy(allow(*needs, resource=key["Arn"])))
    bao = Bao(tmp_path, environment(server, user) | {"HOME": str(tmp_path)}, key["KeyId"])
    bao.start()
    yield bao
    bao.stop()


def test_a_key_of_kms_unseals_a_secret_store(kms, key, bao):
    bao.wait("sys/seal-status", lambda status: not status["initialized"])
    asked = {"recovery_shares": 1, "recovery_threshold": 1}
    token = bao.call("POST", "sys/init", asked)["root_token"]
    bao.wait_until_active()
    assert bao.call("GET", "sys/seal-status")["type"] == "awskms"
    bao.call("POST", "sys/mounts/secret", {"type": "kv"}, token)
    bao.call("POST", "secret/app", {"password": "hunter2"}, token)
    bao.stop()

    # What seals its own key is the material before the rotation.
    kms.rotate_key_on_demand(KeyId=key["KeyId"])
    rotated = kms.describe_key(KeyId=key["KeyId"])["KeyMetadata"]
    assert rotated["CurrentKeyMaterialId"] != key["CurrentKeyMaterialId"]
    bao.start()
    bao.wait_until_active()
    assert bao.call("GET", "secret/app", token=token)["data"] == {"password": "hunter2"}
    bao.stop()

    kms.disable_key(KeyId=key["KeyId"])
    bao.start()
    refused = f"DisabledException: {key['Arn']} is disabled."
    bao.wait("sys/seal-status", lambda status: refused in bao.log())
    assert bao.call("GET", "sys/seal-status")["sealed"]
    kms.enable_key(KeyId=key["KeyId"])
    # It tries again by itself.
    bao.wait_until_active()
    assert bao.call("GET", "secret/app", token=token)["data"] == {"password": "hunter2"}
