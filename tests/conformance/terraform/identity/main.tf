# Everything of IAM that a team declares for its people, programs and machines.

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

variable "prefix" {
  type = string
}

variable "changed" {
  description = "Whether everything that can change in place is declared otherwise than at first."
  type        = bool
  default     = false
}

variable "certificates" {
  description = "The folder with certificates, keys and metadata to upload."
  type        = string
}

data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}

data "aws_iam_policy_document" "read_keys" {
  statement {
    sid       = "ReadKeys"
    actions   = ["kms:DescribeKey", "kms:List*"]
    resources = ["*"]

    condition {
      test     = "StringEquals"
      variable = "aws:RequestedRegion"
      values   = var.changed ? ["us-east-1"] : ["us-east-1", "eu-west-2"]
    }
  }

  statement {
    effect    = "Deny"
    actions   = ["kms:ScheduleKeyDeletion"]
    resources = ["arn:${data.aws_partition.current.partition}:kms:*:${data.aws_caller_identity.current.account_id}:key/*"]
  }
}

data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRole", "sts:TagSession"]

    principals {
      type        = "AWS"
      identifiers = [aws_iam_user.deployer.arn]
    }

    condition {
      test     = "StringEquals"
      variable = "sts:ExternalId"
      values   = [var.changed ? "build-43" : "build-42"]
    }
  }
}

data "aws_iam_policy_document" "machines" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["ec2.amazonaws.com"]
    }
  }
}

resource "aws_iam_account_alias" "this" {
  account_alias = "${var.prefix}-alias"
}

resource "aws_iam_account_password_policy" "this" {
  minimum_password_length        = var.changed ? 16 : 14
  require_lowercase_characters   = true
  require_numbers                = true
  require_uppercase_characters   = true
  require_symbols                = true
  allow_users_to_change_password = true
  max_password_age               = 90
  password_reuse_prevention      = var.changed ? null : 5
}

resource "aws_iam_policy" "read_keys" {
  name        = "${var.prefix}-read-keys"
  path        = "/teams/"
  description = "Sees keys, uses none."
  policy      = data.aws_iam_policy_document.read_keys.json
  tags        = var.changed ? { team = "blue", stage = "prod" } : { team = "red" }
}

resource "aws_iam_policy" "ceiling" {
  name = "${var.prefix}-ceiling"
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = ["kms:*", "sts:*"], Resource = "*" }]
  })
}

resource "aws_iam_group" "team" {
  name = "${var.prefix}-team"
  path = var.changed ? "/crews/" : "/teams/"
}

resource "aws_iam_group_policy" "team" {
  name  = "inline"
  group = aws_iam_group.team.name
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = var.changed ? "Deny" : "Allow", Action = "kms:GenerateRandom", Resource = "*" }]
  })
}

resource "aws_iam_group_policy_attachment" "team" {
  group      = aws_iam_group.team.name
  policy_arn = aws_iam_policy.read_keys.arn
}

resource "aws_iam_user" "deployer" {
  name                 = "${var.prefix}-deployer"
  path                 = var.changed ? "/machines/" : "/programs/"
  permissions_boundary = var.changed ? null : aws_iam_policy.ceiling.arn
  force_destroy        = true
  tags                 = var.changed ? { team = "blue" } : { team = "red", stage = "prod" }
}

resource "aws_iam_user_policy" "deployer" {
  name   = "inline"
  user   = aws_iam_user.deployer.name
  policy = data.aws_iam_policy_document.read_keys.json
}

resource "aws_iam_user_policy_attachment" "deployer" {
  user       = aws_iam_user.deployer.name
  policy_arn = "arn:aws:iam::aws:policy/SecurityAudit"
}

resource "aws_iam_user_group_membership" "deployer" {
  user   = aws_iam_user.deployer.name
  groups = [aws_iam_group.team.name]
}

resource "aws_iam_access_key" "deployer" {
  user   = aws_iam_user.deployer.name
  status = var.changed ? "Inactive" : "Active"
}

resource "aws_iam_user_login_profile" "deployer" {
  user                    = aws_iam_user.deployer.name
  password_length         = 20
  password_reset_required = true
}

resource "aws_iam_virtual_mfa_device" "phone" {
  virtual_mfa_device_name = "${var.prefix}-phone"
  path                    = "/phones/"
  tags                    = { team = var.changed ? "blue" : "red" }
}

resource "aws_iam_role" "app" {
  name                 = "${var.prefix}-app"
  path                 = "/programs/"
  description          = var.changed ? null : "What the program runs as."
  assume_role_policy   = data.aws_iam_policy_document.trust.json
  max_session_duration = var.changed ? 3600 : 7200
  permissions_boundary = var.changed ? null : aws_iam_policy.ceiling.arn
  tags                 = var.changed ? {} : { team = "red" }
}

resource "aws_iam_role_policy" "app" {
  name   = "inline"
  role   = aws_iam_role.app.id
  policy = data.aws_iam_policy_document.read_keys.json
}

resource "aws_iam_role_policy_attachment" "app" {
  role       = aws_iam_role.app.name
  policy_arn = aws_iam_policy.read_keys.arn
}

resource "aws_iam_role" "machine" {
  name               = "${var.prefix}-machine"
  assume_role_policy = data.aws_iam_policy_document.machines.json
}

resource "aws_iam_instance_profile" "machine" {
  name = "${var.prefix}-machine"
  role = var.changed ? aws_iam_role.app.name : aws_iam_role.machine.name
  tags = { team = var.changed ? "blue" : "red" }
}

resource "aws_iam_service_linked_role" "keys" {
  aws_service_name = "mrk.kms.amazonaws.com"
  description      = var.changed ? "Keys of many regions." : null
  tags             = { team = var.changed ? "blue" : "red" }
}

output "secret" {
  value     = aws_iam_access_key.deployer.secret
  sensitive = true
}

output "key" {
  value = aws_iam_access_key.deployer.id
}

output "role" {
  value = aws_iam_role.app.arn
}
