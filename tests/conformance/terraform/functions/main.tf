# A function under a key of its own with an environment, a version of it, and what reads it back.

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

variable "color" {
  type    = string
  default = "red"
}

resource "aws_kms_key" "functions" {
  deletion_window_in_days = 7
}

resource "aws_iam_role" "worker" {
  name = "tf-worker"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "lambda.amazonaws.com" }
      Action    = "sts:AssumeRole"
    }]
  })
}

resource "aws_lambda_function" "worker" {
  function_name                  = "tf-worker"
  role                           = aws_iam_role.worker.arn
  filename                       = var.package
  source_code_hash               = filebase64sha256(var.package)
  handler                        = "index.handler"
  runtime                        = "python3.12"
  kms_key_arn                    = aws_kms_key.functions.arn
  memory_size                    = 256
  timeout                        = 10
  publish                        = true
  reserved_concurrent_executions = 7

  environment {
    variables = {
      COLOR = var.color
    }
  }

  ephemeral_storage {
    size = 1024
  }

  logging_config {
    log_format            = "JSON"
    application_log_level = "DEBUG"
    system_log_level      = "WARN"
    log_group             = "workers"
  }

  tags = {
    team = var.color
  }
}

data "aws_lambda_function" "worker" {
  function_name = aws_lambda_function.worker.function_name
  depends_on    = [aws_lambda_function.worker]
}

output "version" {
  value = aws_lambda_function.worker.version
}

output "read" {
  value     = data.aws_lambda_function.worker.environment[0].variables
  sensitive = true
}
