"""Signed requests without a client library in between: bytes out, bytes in."""

import datetime
import http.client
import json

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials as BotocoreCredentials

JSON = "application/x-amz-json-1.1"


class Signer(SigV4Auth):
    """Signature Version 4 at a time of choice; botocore's own takes the time of day."""

    def add_auth(self, request, moment=None):
        """Signs the request as of `moment`."""
        moment = moment or datetime.datetime.now(datetime.UTC)
        request.context["timestamp"] = moment.strftime("%Y%m%dT%H%M%SZ")
        self._modify_request_before_signing(request)
        text = self.string_to_sign(request, self.canonical_request(request))
        self._inject_signature_to_request(request, self.signature(text, request))


def sign(server, service, headers, body, credentials=None, region="us-east-1", path="/", moment=None):
    """The headers of a POST request, signed."""
    credentials = credentials or server.root
    request = AWSRequest("POST", server.endpoint + path, data=body, headers=headers)
    key = BotocoreCredentials(credentials.access_key, credentials.secret_key, credentials.token)
    Signer(key, service, region).add_auth(request, moment)
    return dict(request.headers.items()) | {"Host": server.endpoint.removeprefix("http://")}


class Connection:
    """A kept-alive connection that speaks the JSON protocol of KMS.

    `ahead` is how far the client's clock is ahead of the time of day.
    """

    def __init__(self, server, credentials=None, region="us-east-1", ahead=datetime.timedelta()):
        self.server, self.credentials, self.region = server, credentials, region
        self.ahead = ahead
        self.http = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)

    def call(self, operation, **parameters):
        """Returns status, headers and the decoded body."""
        return self.post(operation, json.dumps(parameters).encode())

    def post(self, operation, body):
        """Like call, with a body of any bytes."""
        headers = {"X-Amz-Target": f"TrentService.{operation}", "Content-Type": JSON}
        moment = datetime.datetime.now(datetime.UTC) + self.ahead
        how = {"credentials": self.credentials, "region": self.region, "moment": moment}
        return self.send(sign(self.server, "kms", headers, body, **how), body)

    def send(self, headers, body, path="/", method="POST"):
        """Sends a request whose headers are complete."""
        self.http.request(method, path, body, headers)
        response = self.http.getresponse()
        data = response.read()
        is_json = "json" in (response.getheader("Content-Type") or "")
        return response.status, response.headers, json.loads(data) if is_json and data else data

    def close(self):
        """Closes the connection."""
        self.http.close()


def error_code(body):
    """The code of a JSON error."""
    return body["__type"].rpartition("#")[2]
