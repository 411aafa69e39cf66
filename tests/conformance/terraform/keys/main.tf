# Keys of each sort with what belongs to them, and what a configuration reads of keys.

terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

provider "aws" {
  skip_metadata_api_check = true
  skip_region_validation  = true
}

variable "rotation_period_in_days" {
  type    = number
  default = 180
}

variable "is_enabled" {
  type    = bool
  default = true
}

data "aws_caller_identity" "this" {}

data "aws_iam_policy_document" "key" {
  statement {
    sid       = "Account"
    actions   = ["kms:*"]
    resources = ["*"]
    principals {
      type        = "AWS"
      identifiers = ["arn:aws:iam::${data.aws_caller_identity.this.account_id}:root"]
    }
  }
  statement {
    sid       = "NoDeletionSoon"
    effect    = "Deny"
    actions   = ["kms:ScheduleKeyDeletion"]
    resources = ["*"]
    principals {
      type        = "AWS"
      identifiers = ["*"]
    }
    condition {
      test     = "NumericLessThan"
      variable = "kms:ScheduleKeyDeletionPendingWindowInDays"
      values   = ["7"]
    }
  }
}

resource "aws_kms_key" "data" {
  description             = "Data at rest"
  enable_key_rotation     = true
  rotation_period_in_days = var.rotation_period_in_days
  deletion_window_in_days = 7
  policy                  = data.aws_iam_policy_document.key.json
  tags                    = { team = "red", stage = "test" }
}

resource "aws_kms_key" "plain" {
  deletion_window_in_days = 7
  is_enabled              = var.is_enabled
}

resource "aws_kms_key_policy" "plain" {
  key_id = aws_kms_key.plain.key_id
  policy = data.aws_iam_policy_document.key.json
}

resource "aws_kms_key" "signing" {
  customer_master_key_spec = "ECC_NIST_P256"
  key_usage                = "SIGN_VERIFY"
  deletion_window_in_days  = 7
}

resource "aws_kms_alias" "data" {
  name          = "alias/data"
  target_key_id = aws_kms_key.data.key_id
}

resource "aws_kms_ciphertext" "password" {
  key_id    = aws_kms_key.data.key_id
  plaintext = "correct horse battery staple"
  context   = { stage = "test" }
}

data "aws_kms_key" "data" {
  key_id = aws_kms_alias.data.arn
}

data "aws_kms_alias" "data" {
  name = aws_kms_alias.data.name
}

data "aws_kms_public_key" "signing" {
  key_id = aws_kms_key.signing.arn
}

data "aws_kms_secrets" "password" {
  secret {
    name    = "password"
    payload = aws_kms_ciphertext.password.ciphertext_blob
    context = { stage = "test" }
  }
}

output "key" {
  value = aws_kms_key.data.key_id
}

output "plain" {
  value = aws_kms_key.plain.key_id
}

output "found" {
  value = data.aws_kms_key.data.arn
}

output "target" {
  value = data.aws_kms_alias.data.target_key_arn
}

output "public_key" {
  value = data.aws_kms_public_key.signing.public_key_pem
}

output "password" {
  value     = data.aws_kms_secrets.password.plaintext["password"]
  sensitive = true
}
