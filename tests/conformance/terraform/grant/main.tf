# What a team declares for a key that exists: who may use it, by grant.

terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

# Endpoint, credentials and region come from the environment, as for any other client.
provider "aws" {
  skip_metadata_api_check = true
  skip_region_validation  = true
}

variable "key_id" {
  type = string
}

data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["ec2.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "reader" {
  name               = "reader"
  assume_role_policy = data.aws_iam_policy_document.trust.json
}

resource "aws_iam_role" "keeper" {
  name               = "keeper"
  assume_role_policy = data.aws_iam_policy_document.trust.json
}

resource "aws_kms_grant" "reader" {
  name               = "reader"
  key_id             = var.key_id
  grantee_principal  = aws_iam_role.reader.arn
  retiring_principal = aws_iam_role.keeper.arn
  operations         = ["Decrypt", "DescribeKey"]

  constraints {
    encryption_context_equals = {
      Department = "IT"
    }
  }
}

resource "aws_kms_grant" "retired" {
  key_id                = var.key_id
  grantee_principal     = aws_iam_role.keeper.arn
  operations            = ["Encrypt", "GenerateDataKey"]
  retire_on_delete      = true
  grant_creation_tokens = [aws_kms_grant.reader.grant_token]
}

output "grant_ids" {
  value = [aws_kms_grant.reader.grant_id, aws_kms_grant.retired.grant_id]
}
