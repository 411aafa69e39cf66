"""Every operation that takes or makes something secret, called through boto3 so that it succeeds."""

import json
import time

from botocore.exceptions import ClientError

from conformance import identity_calls as identities
from harness.clients import client
from harness.identities import allow, policy
from harness.receivers import Http
from harness.sessions import trust

# What the models do not call sensitive, and what is secret by what it is for.
BY_MEANING = {
    "events.PutEvents": ["Entries[].Detail"],
    "events.TestEventPattern": ["Event"],
    "iam.EnableMFADevice": ["AuthenticationCode1"],
    "kms.ImportKeyMaterial": ["EncryptedKeyMaterial", "ImportToken"],
    "logs.PutLogEvents": ["logEvents[].message"],
    "logs.TestMetricFilter": ["logEventMessages[]"],
    "sns.ConfirmSubscription": ["Token"],
    "sns.Publish": ["Message", "Subject", "MessageAttributes.entry.1.Value.StringValue"],
    "sns.PublishBatch": ["PublishBatchRequestEntries.member.1.Message"],
    "sqs.SendMessage": ["MessageBody", "MessageAttributes{}.StringValue"],
    "sqs.SendMessageBatch": ["Entries[].MessageBody"],
    "sts.AssumeRole": ["TokenCode"],
    "sts.DecodeAuthorizationMessage": ["EncodedMessage"],
}
# Made by these, beside what the models call sensitive.
MADE = {"SessionToken", "ReceiptHandle", "ImportToken"}


class Keeper:
    """Hands out clients, and keeps as canaries all that is sensitive of what they send and get."""

    def __init__(self, server, canaries):
        self.server, self.canaries = server, canaries

    def client(self, service, who=None):
        """A client whose secrets are kept."""
        made = client(self.server, service, who)
        made.meta.events.register("before-parameter-build", self.sent)
        made.meta.events.register("after-call", self.answered)
        return made

    def sent(self, params, model, **_):
        """Called by botocore with what it will send."""
        self.keep(f"sent with {model.name}", params, model.input_shape)

    def answered(self, parsed, model, **_):
        """Called by botocore with every answer."""
        if model.output_shape is not None:
            self.keep(f"made by {model.name}", parsed, model.output_shape)

    def keep(self, where, value, shape):
        """Keeps the sensitive leaves of a value."""
        kind = shape.type_name if shape is not None else None
        if kind == "structure" and isinstance(value, dict):
            for name, member in shape.members.items():
                if name in MADE and isinstance(value.get(name), str):
                    self.canaries.keep(f"{where}: {name}", value[name])
                elif name in value:
                    self.keep(f"{where}: {name}", value[name], member)
        elif kind == "list" and isinstance(value, (list, tuple)):
            for item in value:
                self.keep(where, item, shape.member)
        elif kind == "map" and isinstance(value, dict):
            for item in value.values():
                self.keep(where, item, shape.value)
        elif kind is not None and shape.metadata.get("sensitive") and len(value) >= 16:
            if isinstance(value, str) and value.startswith("-----BEGIN"):
                # What is at the ends of a PEM file is no secret.
                value = "".join(value.splitlines()[1:-1])
            self.canaries.keep(where, value)


def everything(server, canaries, issuer, seal):
    """Calls all of it. `seal` wraps material for a key of KMS as `openssl` does."""
    keeper = Keeper(server, canaries)
    key_management(keeper, seal)
    connections(keeper)
    events(keeper)
    log_events(keeper)
    messages(keeper)
    notifications(keeper)
    parameters(keeper)
    admin = identities.administrator(keeper.client("iam"))
    for story in (identities.users, identities.multi_factor, identities.providers):
        story(keeper.client("iam"), keeper)
    for story in (
        identities.user_credentials, identities.server_certificates, identities.account,
        identities.sessions,
    ):  # fmt: skip
        story(keeper.client("iam", admin), keeper, admin)
    identities.federation(keeper, issuer)
    passwords(keeper)


def key_management(keeper, seal):
    """Plaintext, messages, data keys and imported material."""
    kms, canaries = keeper.client("kms"), keeper.canaries

    def key(spec, usage):
        return {"KeyId": kms.create_key(KeySpec=spec, KeyUsage=usage)["KeyMetadata"]["KeyId"]}

    symmetric = key("SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT")
    for _ in range(20):
        sealed = kms.encrypt(Plaintext=canaries.text("Plaintext"), **symmetric)["CiphertextBlob"]
        kms.decrypt(CiphertextBlob=sealed)
        kms.re_encrypt(CiphertextBlob=sealed, DestinationKeyId=symmetric["KeyId"])
        kms.generate_data_key(KeySpec="AES_256", **symmetric)
        kms.generate_random(NumberOfBytes=32)
    for spec in ("ECC_NIST_P256", "RSA_2048"):
        kms.generate_data_key_pair(KeyPairSpec=spec, **symmetric)
    mac = {**key("HMAC_256", "GENERATE_VERIFY_MAC"), "MacAlgorithm": "HMAC_SHA_256"}
    message = canaries.text("Message")
    made = kms.generate_mac(Message=message, **mac)["Mac"]
    kms.verify_mac(Message=message, Mac=made, **mac)
    refused(lambda: kms.verify_mac(Message=canaries.text("Message"), Mac=made, **mac))
    signing = {**key("ECC_NIST_P256", "SIGN_VERIFY"), "SigningAlgorithm": "ECDSA_SHA_256"}
    made = kms.sign(Message=message, **signing)["Signature"]
    kms.verify(Message=message, Signature=made, **signing)
    refused(lambda: kms.verify(Message=canaries.text("Message"), Signature=made, **signing))
    agreeing = key("ECC_NIST_P256", "KEY_AGREEMENT")
    public = kms.get_public_key(**agreeing)["PublicKey"]
    kms.derive_shared_secret(PublicKey=public, KeyAgreementAlgorithm="ECDH", **agreeing)
    capsule = {**key("ML_KEM_768", "ENCAPSULATE_DECAPSULATE"), "EncapsulationAlgorithm": "ML_KEM"}
    made = kms.encapsulate(**capsule)["SharedSecretCiphertextBlob"]
    kms.decapsulate(SharedSecretCiphertextBlob=made, **capsule)
    importing(kms, canaries, seal)


def importing(kms, canaries, seal):
    """Material that comes from outside, once whole and once of the wrong length."""
    external = {"KeyId": kms.create_key(Origin="EXTERNAL")["KeyMetadata"]["KeyId"]}
    asked = {"WrappingAlgorithm": "RSAES_OAEP_SHA_256", "WrappingKeySpec": "RSA_2048", **external}
    parameters = kms.get_parameters_for_import(**asked)
    for length in (31, 32):
        material = canaries.plain("imported material", length).encode()
        sealed = seal(parameters["PublicKey"], material)

        def bring():
            kms.import_key_material(
                ImportToken=parameters["ImportToken"], EncryptedKeyMaterial=sealed,
                ExpirationModel="KEY_MATERIAL_DOES_NOT_EXPIRE", **external,
            )  # fmt: skip

        bring() if length == 32 else refused(bring)


def connections(keeper):
    """What EventBridge signs in with elsewhere."""
    bus, secret = keeper.client("events"), keeper.canaries.plain
    more = {
        place: [{"Key": "k", "Value": secret(place), "IsValueSecret": hidden} for hidden in (True, True)]
        for place in ("HeaderParameters", "QueryStringParameters", "BodyParameters")
    }
    kinds = {
        "BASIC": {"BasicAuthParameters": {"Username": "u", "Password": secret("Password")}},
        "API_KEY": {"ApiKeyAuthParameters": {"ApiKeyName": "n", "ApiKeyValue": secret("ApiKeyValue")}},
        "OAUTH_CLIENT_CREDENTIALS": {
            "OAuthParameters": {
                "ClientParameters": {"ClientID": "c", "ClientSecret": secret("ClientSecret")},
                "AuthorizationEndpoint": "https://127.0.0.1:1/token",
                "HttpMethod": "POST",
                "OAuthHttpParameters": more,
            }
        },
    }
    for kind, how in kinds.items():
        how = {"AuthorizationType": kind, "AuthParameters": {**how, "InvocationHttpParameters": more}}
        made = bus.create_connection(Name=kind, **how)
        bus.update_connection(Name=kind, **how)
        bus.describe_connection(Name=kind)
        bus.create_api_destination(
            Name=kind, ConnectionArn=made["ConnectionArn"], HttpMethod="POST",
            InvocationEndpoint="https://127.0.0.1:1/hook",
        )  # fmt: skip


def events(keeper):
    """Events of one's own, which go to a bus with an archive, a log group, and a hook that is not there."""
    bus, canaries, account = keeper.client("events"), keeper.canaries, keeper.server.account
    arn = bus.create_event_bus(Name="own")["EventBusArn"]
    bus.create_archive(ArchiveName="own", EventSourceArn=arn)
    keeper.client("logs").create_log_group(logGroupName="own")
    iam, trusted = keeper.client("iam"), trust({"Service": "events.amazonaws.com"})
    role = iam.create_role(RoleName="own", AssumeRolePolicyDocument=trusted)["Role"]["Arn"]
    document = json.dumps(policy(allow("events:InvokeApiDestination")))
    iam.put_role_policy(RoleName="own", PolicyName="own", PolicyDocument=document)
    hook = bus.describe_api_destination(Name="BASIC")["ApiDestinationArn"]
    bus.put_rule(Name="own", EventBusName="own", EventPattern='{"source":["canary"]}')
    targets = [
        {"Id": "group", "Arn": f"arn:aws:logs:us-east-1:{account}:log-group:own"},
        {"Id": "hook", "Arn": hook, "RoleArn": role},
    ]
    assert bus.put_targets(Rule="own", EventBusName="own", Targets=targets)["FailedEntryCount"] == 0
    for _ in range(20):
        detail = json.dumps({"secret": canaries.text("Detail")})
        entry = {"Source": "canary", "DetailType": "d", "Detail": detail, "EventBusName": "own"}
        wrong = entry | {"Detail": canaries.text("Detail that is no object")}
        answer = bus.put_events(Entries=[entry, wrong, entry | {"EventBusName": "absent"}])
        assert answer["FailedEntryCount"] >= 1
        event = {"id": "1", "account": "1", "source": "s", "time": "2026-01-01T00:00:00Z"}
        event |= {"region": "us-east-1", "resources": [], "detail-type": "d", "detail": {"x": canaries.text("Event")}}
        bus.test_event_pattern(Event=json.dumps(event), EventPattern='{"source":["x"]}')
        refused(lambda: bus.test_event_pattern(Event=canaries.text("Event"), EventPattern='{"source":["x"]}'))


def log_events(keeper):
    """What is logged, plain and under a key; read, searched and queried."""
    logs, canaries = keeper.client("logs"), keeper.canaries
    logs.create_log_group(logGroupName="secrets")
    logs.create_log_stream(logGroupName="secrets", logStreamName="s")
    place = {"logGroupName": "secrets", "logStreamName": "s"}
    for _ in range(10):
        now = int(time.time() * 1000)
        lines = [{"timestamp": now, "message": canaries.text("message")} for _ in range(10)]
        logs.put_log_events(logEvents=lines, **place)
        logs.test_metric_filter(filterPattern="x", logEventMessages=[canaries.text("tested message")])
    assert len(logs.get_log_events(startFromHead=True, **place)["events"]) == 100
    assert logs.filter_log_events(logGroupName="secrets", filterPattern="Aa1")["events"] is not None
    now = int(time.time())
    asked = {"startTime": now - 3600, "endTime": now + 60, "queryString": "fields @message | limit 100"}
    query = logs.start_query(logGroupName="secrets", **asked)["queryId"]
    while logs.get_query_results(queryId=query)["status"] in ("Scheduled", "Running"):
        time.sleep(0.1)
    assert len(logs.get_query_results(queryId=query)["results"]) == 100


def messages(keeper):
    """What queues carry."""
    queues, canaries = keeper.client("sqs"), keeper.canaries
    url = queues.create_queue(QueueName="secrets")["QueueUrl"]
    for number in range(20):
        text = {"DataType": "String", "StringValue": canaries.text("StringValue")}
        data = {"DataType": "Binary", "BinaryValue": canaries.text("BinaryValue").encode()}
        queues.send_message(
            QueueUrl=url, MessageBody=canaries.text("MessageBody"), MessageAttributes={"t": text, "b": data}
        )
        entries = [{"Id": str(n), "MessageBody": canaries.text("MessageBody")} for n in range(2)]
        queues.send_message_batch(QueueUrl=url, Entries=entries)
        for message in queues.receive_message(QueueUrl=url, VisibilityTimeout=60).get("Messages", []):
            one = {"QueueUrl": url, "ReceiptHandle": message["ReceiptHandle"]}
            queues.change_message_visibility(VisibilityTimeout=number, **one)
            queues.delete_message(**one)
            refused(lambda: queues.change_message_visibility(VisibilityTimeout=1, **one))
            refused(lambda: queues.delete_message(**one | {"ReceiptHandle": canaries.plain("ReceiptHandle")}))


class Hook(Http):
    """Keeps the bodies of what it is sent."""

    def read(self, _, body):
        return [body]

    def about(self, topic):
        """The first body that is about a topic, once there is one."""
        said = [body for body in self.wait(lambda all: any(topic in body for body in all)) if topic in body]
        return json.loads(said[0])


def notifications(keeper):
    """What topics carry, to a queue and to a web server, and what that confirms with."""
    topics, queues, canaries = keeper.client("sns"), keeper.client("sqs"), keeper.canaries
    made = queues.create_queue(QueueName="told")["QueueUrl"]
    arn = f"arn:aws:sqs:us-east-1:{keeper.server.account}:told"
    document = {"Effect": "Allow", "Principal": {"Service": "sns.amazonaws.com"}}
    document |= {"Action": "sqs:SendMessage", "Resource": arn}
    document = json.dumps({"Version": "2012-10-17", "Statement": [document]})
    queues.set_queue_attributes(QueueUrl=made, Attributes={"Policy": document})
    key = keeper.client("kms").create_key()["KeyMetadata"]["KeyId"]
    hook = Hook()
    try:
        for name, attributes in (("plain", {}), ("sealed", {"KmsMasterKeyId": key})):
            topic = topics.create_topic(Name=name, Attributes=attributes)["TopicArn"]
            raw = {"RawMessageDelivery": "true"}
            topics.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn, Attributes=raw)
            topics.subscribe(TopicArn=topic, Protocol="http", Endpoint=hook.url)
            # Nobody is there: what is for it waits.
            topics.subscribe(TopicArn=topic, Protocol="http", Endpoint="http://127.0.0.1:1/hook")
            token = canaries.keep("Token", hook.about(topic.encode())["Token"])
            refused(lambda: topics.confirm_subscription(TopicArn=topic, Token=canaries.plain("Token")))
            topics.confirm_subscription(TopicArn=topic, Token=token)
            for _ in range(10):
                text = {"DataType": "String", "StringValue": canaries.text("StringValue")}
                data = {"DataType": "Binary", "BinaryValue": canaries.text("BinaryValue").encode()}
                subject = canaries.plain("Subject")
                topics.publish(
                    TopicArn=topic, Message=canaries.text("Message"), Subject=subject,
                    MessageAttributes={"t": text, "b": data},
                )  # fmt: skip
                entries = [{"Id": str(n), "Message": canaries.text("Message")} for n in range(2)]
                topics.publish_batch(TopicArn=topic, PublishBatchRequestEntries=entries)
            refused(lambda: topics.publish(TopicArn=topic + "x", Message=canaries.text("Message")))
    finally:
        hook.server.shutdown()
    queues.receive_message(QueueUrl=made, MaxNumberOfMessages=10)


def parameters(keeper):
    """Values of parameters, secret ones and others."""
    store, canaries = keeper.client("ssm"), keeper.canaries
    for number in range(10):
        for kind in ("SecureString", "String"):
            name = f"/secrets/{kind}/{number}"
            for _ in range(2):
                store.put_parameter(Name=name, Type=kind, Value=canaries.text("Value"), Overwrite=True)
            store.get_parameter(Name=name, WithDecryption=True)
            store.get_parameter_history(Name=name, WithDecryption=True)
            store.get_parameters(Names=[name], WithDecryption=True)
            refused(lambda: store.put_parameter(Name=name, Type=kind, Value=canaries.text("Value")))
            wrong = {"AllowedPattern": "^[0-9]$", "Overwrite": True}
            refused(lambda: store.put_parameter(Name=name, Type=kind, Value=canaries.text("Value"), **wrong))
            refused(lambda: store.put_parameter(Name=name, Type=kind, Value=canaries.text("Value") * 200))
    store.get_parameters_by_path(Path="/secrets", Recursive=True, WithDecryption=True)


def passwords(keeper):
    """Passwords that are taken, and some that a policy refuses."""
    iam, canaries = keeper.client("iam"), keeper.canaries
    iam.create_user(UserName="dora")
    old = canaries.plain("Password") + "!"
    iam.create_login_profile(UserName="dora", Password=old)
    iam.update_account_password_policy(MinimumPasswordLength=8, RequireSymbols=True, PasswordReusePrevention=3)
    iam.attach_user_policy(UserName="dora", PolicyArn=identities.EVERYTHING)
    made = iam.create_access_key(UserName="dora")["AccessKey"]
    own = keeper.client("iam", identities.Credentials(made["AccessKeyId"], made["SecretAccessKey"]))
    for _ in range(10):
        refused(lambda: iam.update_login_profile(UserName="dora", Password=canaries.plain("weak Password")))
        refused(lambda: own.change_password(OldPassword=old, NewPassword=canaries.plain("NewPassword")))
        wrong, new = canaries.plain("OldPassword"), canaries.plain("NewPassword") + "!"
        refused(lambda: own.change_password(OldPassword=wrong, NewPassword=new))
    own.change_password(OldPassword=old, NewPassword=canaries.plain("NewPassword") + "!")


def refused(call):
    """The call must fail."""
    try:
        call()
    except ClientError:
        return
    raise AssertionError("a call succeeded that must not")
