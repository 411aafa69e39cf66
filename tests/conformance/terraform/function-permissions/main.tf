# A function over a layer, an alias of it, and who may use them.

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

variable "source_account" {
  type    = string
  default = "444455556666"
}

resource "aws_iam_role" "permitted" {
  name = "tf-permitted"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "lambda.amazonaws.com" }
      Action    = "sts:AssumeRole"
    }]
  })
}

resource "aws_lambda_layer_version" "library" {
  layer_name          = "tf-library"
  filename            = var.package
  source_code_hash    = filebase64sha256(var.package)
  compatible_runtimes = ["python3.12"]
  license_info        = "MIT"
}

resource "aws_lambda_layer_version_permission" "library" {
  layer_name     = aws_lambda_layer_version.library.layer_name
  version_number = aws_lambda_layer_version.library.version
  statement_id   = "neighbour"
  action         = "lambda:GetLayerVersion"
  principal      = "444455556666"
}

resource "aws_lambda_function" "permitted" {
  function_name    = "tf-permitted"
  role             = aws_iam_role.permitted.arn
  filename         = var.package
  source_code_hash = filebase64sha256(var.package)
  handler          = "index.handler"
  runtime          = "python3.12"
  layers           = [aws_lambda_layer_version.library.arn]
  publish          = true
}

resource "aws_lambda_alias" "live" {
  name             = "live"
  function_name    = aws_lambda_function.permitted.function_name
  function_version = aws_lambda_function.permitted.version
}

resource "aws_lambda_permission" "topic" {
  statement_id   = "topic"
  action         = "lambda:InvokeFunction"
  function_name  = aws_lambda_function.permitted.function_name
  principal      = "sns.amazonaws.com"
  source_account = var.source_account
  source_arn     = "arn:aws:sns:eu-west-2:444455556666:topic"
}

resource "aws_lambda_permission" "alias" {
  statement_id  = "neighbour"
  action        = "lambda:GetFunction"
  function_name = aws_lambda_function.permitted.function_name
  qualifier     = aws_lambda_alias.live.name
  principal     = "arn:aws:iam::444455556666:root"
}

resource "aws_lambda_function_event_invoke_config" "live" {
  function_name          = aws_lambda_function.permitted.function_name
  qualifier              = aws_lambda_alias.live.name
  maximum_retry_attempts = 0
}

output "alias" {
  value = aws_lambda_alias.live.arn
}
