"""The AWS CLI: what people type, and what they see."""

import base64
import json

from harness.clients import aws


def test_keys_aliases_tags_and_policies(server, name):
    key = aws(server, "kms", "create-key", "--description", name)["KeyMetadata"]
    alias = f"alias/{name}"
    aws(server, "kms", "create-alias", "--alias-name", alias, "--target-key-id", key["KeyId"])
    aws(server, "kms", "tag-resource", "--key-id", key["KeyId"], "--tags", "TagKey=a,TagValue=b c")
    listed = aws(server, "kms", "list-resource-tags", "--key-id", key["KeyId"])
    assert listed["Tags"] == [{"TagKey": "a", "TagValue": "b c"}]
    described = aws(server, "kms", "describe-key", "--key-id", alias, "--query", "KeyMetadata.Arn")
    assert described == key["Arn"]
    policy = aws(server, "kms", "get-key-policy", "--key-id", key["KeyId"])["Policy"]
    assert json.loads(policy)["Id"] == "key-default-1"
    aliases = aws(server, "kms", "list-aliases", "--page-size", "1", "--query", "Aliases[].AliasName")
    assert alias in aliases


def test_data_keys(server, key_id, tmp_path):
    made = aws(server, "kms", "generate-data-key", "--key-id", key_id, "--key-spec", "AES_256")
    context = ["--encryption-context", "a=b,c=d"]
    assert len(base64.b64decode(made["Plaintext"])) == 32
    made = aws(server, "kms", "encrypt", "--key-id", key_id, "--plaintext", "hello", *context)
    blob = tmp_path / "blob"
    blob.write_bytes(base64.b64decode(made["CiphertextBlob"]))
    where = ["--ciphertext-blob", f"fileb://{blob}"]
    assert aws(server, "kms", "decrypt", *where, *context)["Plaintext"] == "aGVsbG8="
    done = aws(server, "kms", "decrypt", *where, "--encryption-context", "a=b", check=False)
    assert done.returncode == 255
    assert "An error occurred (InvalidCiphertextException) when calling the Decrypt" in done.stderr


def test_users(server, name):
    aws(server, "iam", "create-user", "--user-name", name, "--tags", "Key=k,Value=v")
    key = aws(server, "iam", "create-access-key", "--user-name", name)["AccessKey"]
    listed = aws(server, "iam", "list-access-keys", "--user-name", name)["AccessKeyMetadata"]
    assert [item["AccessKeyId"] for item in listed] == [key["AccessKeyId"]]
    names = aws(server, "iam", "list-users", "--page-size", "2", "--query", "Users[].UserName")
    assert name in names
    done = aws(server, "iam", "delete-user", "--user-name", name, check=False)
    assert "(DeleteConflict)" in done.stderr


def test_what_is_not_built_is_said(server):
    done = aws(server, "kms", "describe-custom-key-stores", check=False)
    assert done.returncode == 255
    assert "DescribeCustomKeyStores of KMS is not built" in done.stderr
