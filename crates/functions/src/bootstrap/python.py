"""Runs a Python handler: the events come from the Runtime API, the results go back there."""

import decimal
import importlib
import json
import logging
import os
import socket
import sys
import time
import traceback


LOGS_JSON = os.environ.get("AWS_LAMBDA_LOG_FORMAT") == "JSON"


class Fault(Exception):
    """What is wrong with the function as such, under the name that AWS gives it."""

    def __init__(self, kind, message, trace=()):
        super().__init__(message)
        self.kind, self.message, self.trace = kind, message, list(trace)


class RuntimeApi:
    """Enough of HTTP/1.1 for one server that is known."""

    def __init__(self, address):
        authority, _, secret = address.partition("/")
        host, _, port = authority.partition(":")
        self.authority, self.base = authority, "/%s/2018-06-01/runtime" % secret
        self.socket = socket.create_connection((host, int(port)))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.reader = self.socket.makefile("rb")

    def call(self, method, path, body=b"", headers=()):
        lines = ["%s %s%s HTTP/1.1" % (method, self.base, path), "Host: " + self.authority]
        lines += ["%s: %s" % header for header in headers]
        lines += ["Content-Length: %d" % len(body), "", ""]
        self.socket.sendall("\r\n".join(lines).encode("latin-1") + body)
        status = int(self.reader.readline().split(b" ", 2)[1])
        answered = {}
        for line in iter(self.reader.readline, b"\r\n"):
            if not line:
                raise EOFError("the Runtime API has gone")
            name, _, value = line.decode("utf-8").partition(":")
            answered[name.lower()] = value.strip()
        return status, answered, self.reader.read(int(answered.get("content-length", 0)))

    def next(self):
        _, headers, event = self.call("GET", "/invocation/next")
        return headers, event

    def result(self, request_id, result):
        headers = [("Content-Type", "application/json")]
        path = "/invocation/%s/response" % request_id
        return self.call("POST", path, result, headers)[0]

    def error(self, path, error):
        kind = error["errorType"].encode("ascii", "replace").decode("ascii")
        headers = [
            ("Content-Type", "application/json"),
            ("Lambda-Runtime-Function-Error-Type", "".join(kind.split())),
        ]
        self.call("POST", path, json.dumps(error).encode(), headers)


class Identity:
    def __init__(self, given):
        self.cognito_identity_id = given.get("cognitoIdentityId")
        self.cognito_identity_pool_id = given.get("cognitoIdentityPoolId")


class Client:
    FIELDS = ("installation_id", "app_title", "app_version_name", "app_version_code", "app_package_name")

    def __init__(self, given):
        for field in self.FIELDS:
            setattr(self, field, given.get(field))


class ClientContext:
    def __init__(self, given):
        self.custom, self.env = given.get("custom"), given.get("env")
        self.client = Client(given["client"]) if given.get("client") else None


class Context:
    """The second argument of handlers (AWS: "Using the Lambda context object to retrieve Python
    function information")."""

    def __init__(self, headers):
        environment = os.environ
        self.aws_request_id = headers["lambda-runtime-aws-request-id"]
        self.invoked_function_arn = headers.get("lambda-runtime-invoked-function-arn")
        self.function_name = environment.get("AWS_LAMBDA_FUNCTION_NAME")
        self.function_version = environment.get("AWS_LAMBDA_FUNCTION_VERSION")
        self.memory_limit_in_mb = environment.get("AWS_LAMBDA_FUNCTION_MEMORY_SIZE")
        self.log_group_name = environment.get("AWS_LAMBDA_LOG_GROUP_NAME")
        self.log_stream_name = environment.get("AWS_LAMBDA_LOG_STREAM_NAME")
        self.identity = Identity(parsed(headers, "cognito-identity", "Cognito Identity") or {})
        client_context = parsed(headers, "client-context", "Client Context")
        self.client_context = ClientContext(client_context) if client_context else None
        self._deadline = int(headers["lambda-runtime-deadline-ms"])

    def get_remaining_time_in_millis(self):
        return max(self._deadline - int(time.time() * 1000), 0)

    def log(self, message):
        sys.stdout.write(str(message))


def parsed(headers, name, title):
    text = headers.get("lambda-runtime-" + name)
    try:
        return json.loads(text) if text else None
    except ValueError as error:
        message = "Unable to parse %s JSON: %s" % (title, error)
        raise Fault("Runtime.LambdaContextUnmarshalError", message) from error


def found(handler):
    """The function that `module.function` names."""
    module_name, dot, name = handler.rpartition(".")
    if not dot:
        message = "Bad handler '%s': not enough values to unpack (expected 2, got 1)" % handler
        raise Fault("Runtime.MalformedHandlerName", message)
    if module_name.split(".")[0] in sys.builtin_module_names:
        message = "Cannot use built-in module %s as a handler module" % module_name
        raise Fault("Runtime.BuiltInModuleConflict", message)
    try:
        module = importlib.import_module(module_name.replace("/", "."))
    except ImportError as error:
        message = "Unable to import module '%s': %s" % (module_name, error)
        raise Fault("Runtime.ImportModuleError", message) from error
    except SyntaxError as error:
        message = "Syntax error in module '%s': %s" % (module_name, error)
        trace = ['  File "%s" Line %s\n    %s' % (error.filename, error.lineno, error.text)]
        raise Fault("Runtime.UserCodeSyntaxError", message, trace) from error
    try:
        return getattr(module, name)
    except AttributeError as error:
        message = "Handler '%s' missing on module '%s'" % (name, module_name)
        raise Fault("Runtime.HandlerNotFound", message) from error


def encodable(value):
    if isinstance(value, decimal.Decimal):
        return float(value)
    raise TypeError("Object of type %s is not JSON serializable" % type(value).__name__)


def encoded(result):
    try:
        return json.dumps(result, ensure_ascii=False, default=encodable).encode("utf-8")
    except Exception as error:
        message = "Unable to marshal response: %s" % error
        raise Fault("Runtime.MarshalError", message) from error


def decoded(event):
    try:
        return json.loads(event.decode("utf-8"))
    except Exception as error:
        message = "Unable to unmarshal input: %s" % error
        raise Fault("Runtime.UnmarshalError", message) from error


def described(error, request_id):
    """An error as AWS's runtimes put it."""
    if isinstance(error, Fault):
        kind, message, trace = error.kind, error.message, error.trace
    else:
        frames = traceback.extract_tb(error.__traceback__)
        while frames and frames[0].filename in (__file__, importlib.__file__):
            del frames[0]
        kind, message = type(error).__name__, str(error)
        trace = traceback.format_list(frames)
    return {
        "errorMessage": message,
        "errorType": kind,
        "requestId": request_id,
        "stackTrace": trace,
    }


def moment(seconds):
    """A time as JSON has it: 2026-11-22T12:34:56.789Z."""
    whole, millis = divmod(int(seconds * 1000), 1000)
    return "%s.%03dZ" % (time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(whole)), millis)


def log_error(error):
    if LOGS_JSON:
        line = {"timestamp": moment(time.time()), "log_level": "ERROR", **error}
        sys.stdout.write(json.dumps(line, ensure_ascii=False) + "\n")
        return
    lines = ["[ERROR] %s: %s" % (error["errorType"], error["errorMessage"])]
    lines.append("Traceback (most recent call last):")
    for element in error["stackTrace"]:
        for line in element.splitlines():
            # Spaces at the beginning of a line are not shown in every console.
            content = line.lstrip(" ")
            lines.append("\u00a0" * (len(line) - len(content)) + content)
    # One event of the log, whatever it has of lines.
    sys.stdout.write("\r".join(lines) + "\n")


class Log(logging.Handler):
    request_id = ""

    def emit(self, record):
        record.aws_request_id = Log.request_id
        sys.stdout.write(self.format(record))


class JsonFormatter(logging.Formatter):
    """Records in the format JSON (AWS: "Using Lambda advanced logging controls with Python")."""

    OWN = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "aws_request_id"}

    def format(self, record):
        line = {
            "timestamp": moment(record.created),
            "level": record.levelname,
            "message": record.getMessage(),
            "logger": record.name,
        }
        if record.exc_info and record.exc_info[0]:
            kind, error, trace = record.exc_info
            line["stackTrace"] = [frame.rstrip("\n") for frame in traceback.format_tb(trace)]
            line["errorType"], line["errorMessage"] = kind.__name__, str(error)
            line["location"] = "%s:%s:%d" % (record.pathname, record.funcName, record.lineno)
        line.update((name, value) for name, value in vars(record).items() if name not in self.OWN)
        line["requestId"] = Log.request_id
        return json.dumps(line, ensure_ascii=False, default=str) + "\n"


def set_up_json_logging():
    handler = Log()
    handler.setFormatter(JsonFormatter())
    root = logging.getLogger()
    root.addHandler(handler)
    levels = {"TRACE": "DEBUG", "WARN": "WARNING", "FATAL": "CRITICAL"}
    level = os.environ.get("AWS_LAMBDA_LOG_LEVEL", "INFO")
    root.setLevel(levels.get(level, level))


def set_up_logging():
    if LOGS_JSON:
        return set_up_json_logging()
    form = "[%(levelname)s]\t%(asctime)s.%(msecs)03dZ\t%(aws_request_id)s\t%(message)s\n"
    formatter = logging.Formatter(form, "%Y-%m-%dT%H:%M:%S")
    formatter.converter = time.gmtime
    handler = Log()
    handler.setFormatter(formatter)
    logging.getLogger().addHandler(handler)


def serve(api, handler):
    while True:
        headers, event = api.next()
        request_id = Log.request_id = headers["lambda-runtime-aws-request-id"]
        if "lambda-runtime-trace-id" in headers:
            os.environ["_X_AMZN_TRACE_ID"] = headers["lambda-runtime-trace-id"]
        else:
            os.environ.pop("_X_AMZN_TRACE_ID", None)
        try:
            result = encoded(handler(decoded(event), Context(headers)))
        except Exception as error:
            error = described(error, request_id)
            log_error(error)
            api.error("/invocation/%s/error" % request_id, error)
        else:
            api.result(request_id, result)


def main():
    api = RuntimeApi(os.environ["AWS_LAMBDA_RUNTIME_API"])
    sys.path[0] = os.environ["LAMBDA_TASK_ROOT"]
    set_up_logging()
    try:
        handler = found(os.environ["_HANDLER"])
    except Exception as error:
        error = described(error, "")
        log_error(error)
        api.error("/init/error", error)
        sys.exit(1)
    serve(api, handler)


main()
