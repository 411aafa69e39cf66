# A secret under a key of its own with a value, a policy and a replica, one under the default key, and
# what reads a value back.

terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

provider "aws" {
  skip_metadata_api_check = true
  skip_region_validation  = true
}

variable "value" {
  type    = string
  default = "one"
}

data "aws_caller_identity" "own" {}

resource "aws_kms_key" "secrets" {
  deletion_window_in_days = 7
}

resource "aws_secretsmanager_secret" "app" {
  name                    = "app/db"
  description             = "the database"
  kms_key_id              = aws_kms_key.secrets.arn
  recovery_window_in_days = 0
  replica {
    region = "us-west-2"
  }
  tags = {
    team = "red"
  }
}

resource "aws_secretsmanager_secret" "default" {
  name                    = "app/default"
  recovery_window_in_days = 0
}

resource "aws_secretsmanager_secret_version" "app" {
  secret_id     = aws_secretsmanager_secret.app.id
  secret_string = var.value
}

resource "aws_secretsmanager_secret_policy" "app" {
  secret_arn          = aws_secretsmanager_secret.app.arn
  block_public_policy = true
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "Read"
      Effect    = "Allow"
      Principal = { AWS = "arn:aws:iam::${data.aws_caller_identity.own.account_id}:root" }
      Action    = "secretsmanager:GetSecretValue"
      Resource  = "*"
    }]
  })
}

data "aws_secretsmanager_secret_version" "app" {
  secret_id  = aws_secretsmanager_secret.app.id
  depends_on = [aws_secretsmanager_secret_version.app]
}

output "read" {
  value     = data.aws_secretsmanager_secret_version.app.secret_string
  sensitive = true
}
