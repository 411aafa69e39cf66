# A secret that a function rotates.

terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

provider "aws" {
  skip_metadata_api_check = true
  skip_region_validation  = true
}

variable "package" {
  type = string
}

variable "endpoint" {
  type = string
}

variable "login" {
  type      = string
  sensitive = true
}

resource "aws_secretsmanager_secret" "login" {
  name                    = "tf/login"
  recovery_window_in_days = 0
}

resource "aws_secretsmanager_secret_version" "login" {
  secret_id     = aws_secretsmanager_secret.login.id
  secret_string = var.login

  lifecycle {
    ignore_changes = [secret_string, version_stages]
  }
}

resource "aws_iam_role" "rotator" {
  name = "tf-rotator"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "lambda.amazonaws.com" }
      Action    = "sts:AssumeRole"
    }]
  })
}

resource "aws_iam_role_policy" "rotator" {
  name = "rotates"
  role = aws_iam_role.rotator.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect = "Allow"
        Action = [
          "secretsmanager:DescribeSecret",
          "secretsmanager:GetSecretValue",
          "secretsmanager:PutSecretValue",
          "secretsmanager:UpdateSecretVersionStage",
        ]
        Resource  = aws_secretsmanager_secret.login.arn
        Condition = { StringEquals = { "secretsmanager:resource/AllowRotationLambdaArn" = aws_lambda_function.rotator.arn } }
      },
      {
        Effect   = "Allow"
        Action   = "secretsmanager:GetRandomPassword"
        Resource = "*"
      },
    ]
  })
}

resource "aws_lambda_function" "rotator" {
  function_name    = "tf-rotator"
  role             = aws_iam_role.rotator.arn
  filename         = var.package
  source_code_hash = filebase64sha256(var.package)
  handler          = "for_postgres.handler"
  runtime          = "python3.12"
  timeout          = 30

  environment {
    variables = {
      SECRETS_MANAGER_ENDPOINT = var.endpoint
    }
  }
}

resource "aws_lambda_permission" "secrets" {
  statement_id   = "secrets"
  function_name  = aws_lambda_function.rotator.function_name
  action         = "lambda:InvokeFunction"
  principal      = "secretsmanager.amazonaws.com"
  source_account = split(":", aws_secretsmanager_secret.login.arn)[4]
}

resource "aws_secretsmanager_secret_rotation" "login" {
  secret_id           = aws_secretsmanager_secret.login.id
  rotation_lambda_arn = aws_lambda_function.rotator.arn

  rotation_rules {
    automatically_after_days = 30
  }

  depends_on = [
    aws_lambda_permission.secrets,
    aws_iam_role_policy.rotator,
    aws_secretsmanager_secret_version.login,
  ]
}
