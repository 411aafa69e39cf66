"""Every operation that the clients know gets an answer in words, built or not."""

import urllib.parse

import boto3
import pytest
from botocore import xform_name
from botocore.exceptions import ClientError

from harness.clients import client
from harness.coverage import not_built
from harness.signed import Connection, error_code, sign
from scenarios.player import VERSIONS, xml_answer

FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def operations(service):
    """The names of all operations in the client's model."""
    made = boto3.client(service, region_name="us-east-1", aws_access_key_id="", aws_secret_access_key="")
    return made.meta.service_model.operation_names


def test_every_kms_operation_answers(server):
    connection = Connection(server)
    unbuilt = set()
    for operation in operations("kms"):
        status, _, answer = connection.call(operation)
        assert status in {200, 400, 404}, (operation, answer)
        if status != 200 and error_code(answer) == "UnknownOperationException":
            assert operation in answer.get("message", answer.get("Message")), answer
            unbuilt.add(operation)
    assert unbuilt == not_built("kms")


@pytest.mark.parametrize("service", ["iam", "sts"])
def test_every_query_operation_answers(server, service):
    connection = Connection(server)
    unbuilt = set()
    for operation in operations(service):
        body = urllib.parse.urlencode({"Action": operation, "Version": VERSIONS[service]}).encode()
        status, _, answer = connection.send(sign(server, service, FORM, body), body)
        assert 200 <= status < 500, (operation, answer)
        if status != 200 and "not built" in xml_answer(status, answer)["message"]:
            assert operation in xml_answer(status, answer)["message"]
            unbuilt.add(operation)
    assert unbuilt == not_built(service)


@pytest.mark.parametrize("service", ["cloudtrail", "events", "logs", "service-quotas", "sqs"])
def test_every_json_operation_answers(server, service):
    asking = client(server, service, parameter_validation=False, inject_host_prefix=False)
    unbuilt = set()
    for operation in operations(service):
        try:
            getattr(asking, xform_name(operation))()
        except ClientError as error:
            answer = error.response
            assert 400 <= answer["ResponseMetadata"]["HTTPStatusCode"] < 500, (operation, answer)
            codes = {answer["Error"]["Code"], answer["Error"].get("QueryErrorCode")}
            if "UnknownOperationException" in codes:
                assert operation in answer["Error"]["Message"]
                unbuilt.add(operation)
    assert unbuilt == not_built(service.replace("-", ""))
