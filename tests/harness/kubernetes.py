"""A Kubernetes API server's side of the KMS v2 plugin API, over gRPC, and the plugin as a process."""

import os
import select
import signal
import subprocess

import grpc
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

from harness.places import binary
from harness.server import clean_environment

_Field = descriptor_pb2.FieldDescriptorProto
# The fields of each message by number, as k8s.io/kms/apis/v2 names them.
_MESSAGES = {
    "StatusRequest": {},
    "StatusResponse": {1: "version", 2: "healthz", 3: "key_id"},
    "EncryptRequest": {1: "plaintext", 2: "uid"},
    "EncryptResponse": {1: "ciphertext", 2: "key_id", 3: "annotations"},
    "DecryptRequest": {1: "ciphertext", 2: "uid", 3: "key_id", 4: "annotations"},
    "DecryptResponse": {1: "plaintext"},
}
_BYTES = {"plaintext", "ciphertext"}


def _messages():
    file = descriptor_pb2.FileDescriptorProto(name="v2.proto", package="v2", syntax="proto3")
    for name, fields in _MESSAGES.items():
        message = file.message_type.add(name=name)
        for number, field in fields.items():
            kind = _Field.TYPE_BYTES if field in _BYTES else _Field.TYPE_STRING
            added = message.field.add(name=field, number=number, type=kind, label=_Field.LABEL_OPTIONAL)
            if field == "annotations":
                added.type, added.label = _Field.TYPE_MESSAGE, _Field.LABEL_REPEATED
                added.type_name = f".v2.{name}.AnnotationsEntry"
                entry = message.nested_type.add(name="AnnotationsEntry")
                entry.options.map_entry = True
                for place, (part, of) in enumerate((("key", _Field.TYPE_STRING), ("value", _Field.TYPE_BYTES)), 1):
                    entry.field.add(name=part, number=place, type=of, label=_Field.LABEL_OPTIONAL)
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    descriptor = pool.FindMessageTypeByName
    return {name: message_factory.GetMessageClass(descriptor(f"v2.{name}")) for name in _MESSAGES}


_TYPES = _messages()


class ApiServer:
    """Calls a plugin."""

    def __init__(self, socket):
        # A channel that waits long before it connects again would not see a restart.
        options = [("grpc.initial_reconnect_backoff_ms", 50), ("grpc.max_reconnect_backoff_ms", 200)]
        # As API servers do; this library would send the path of the socket, which is no authority.
        options += [("grpc.default_authority", "localhost")]
        self.channel = grpc.insecure_channel(f"unix://{socket}", options)

    def call(self, method, **fields):
        """Sends a message and returns the answer, or raises grpc.RpcError."""
        call = self.channel.unary_unary(
            f"/v2.KeyManagementService/{method}",
            request_serializer=lambda message: message.SerializeToString(),
            response_deserializer=_TYPES[f"{method}Response"].FromString,
        )
        return call(_TYPES[f"{method}Request"](**fields), timeout=30, wait_for_ready=True)

    def status(self):
        """The plugin's status."""
        return self.call("Status")

    def encrypt(self, plaintext):
        """The whole answer, as an API server keeps it."""
        return self.call("Encrypt", plaintext=plaintext, uid="test")

    def decrypt(self, kept, **changed):
        """The plaintext of what `encrypt` answered, some of it changed."""
        fields = {name: getattr(kept, name) for name in ("ciphertext", "key_id", "annotations")}
        return self.call("Decrypt", uid="test", **(fields | changed)).plaintext

    def refusal(self, call, *arguments, **fields):
        """The status code of a call that fails."""
        try:
            call(*arguments, **fields)
        except grpc.RpcError as error:
            return error.code()
        raise AssertionError("the call succeeded")


class Plugin:
    """`strongroom k8s-kms` at a socket in `place`."""

    def __init__(self, place, *arguments, environment=None):
        self.socket = place / "k8s.sock"
        self.log = place / "plugin.log"
        self.arguments = [binary(), "k8s-kms", "--socket", str(self.socket), *map(str, arguments)]
        self.environment = clean_environment() | (environment or {})
        self.process = None

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.end(signal.SIGKILL)

    def start(self):
        """Returns once the ready line is printed."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.arguments, stdout=subprocess.PIPE, stderr=log, env=self.environment
            )
        assert select.select([self.process.stdout], [], [], 60)[0], "the plugin was not ready in time"
        line = os.read(self.process.stdout.fileno(), 4096).decode()
        assert line == f"strongroom k8s-kms is ready at unix://{self.socket}\n", self.log.read_text()
        return self

    def end(self, kind=signal.SIGTERM):
        """Sends a signal; returns the exit code."""
        if self.process.poll() is None:
            self.process.send_signal(kind)
        code = self.process.wait(timeout=40)
        self.process.stdout.close()
        return code

    def api_server(self):
        """A new client."""
        return ApiServer(self.socket)
