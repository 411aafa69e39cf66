# Parameters of every type and tier, one of them under a key of its own, and what reads them back.

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

variable "type" {
  type    = string
  default = "SecureString"
}

resource "aws_kms_key" "parameters" {}

resource "aws_ssm_parameter" "string" {
  name            = "/app/prod/url"
  description     = "where it is"
  type            = "String"
  value           = var.value
  allowed_pattern = "[a-z]+"
  tags            = { team = "shop" }
}

resource "aws_ssm_parameter" "list" {
  name  = "/app/prod/hosts"
  type  = "StringList"
  value = "a.example.com,b.example.com"
  tier  = "Advanced"
}

resource "aws_ssm_parameter" "secret" {
  name   = "/app/prod/password"
  type   = var.type
  value  = "p4ss"
  key_id = var.type == "SecureString" ? aws_kms_key.parameters.arn : null
}

resource "aws_ssm_parameter" "default_key" {
  name  = "/app/prod/token"
  type  = "SecureString"
  value = "t0ken"
  tier  = "Advanced"
}

resource "aws_ssm_parameter" "large" {
  name  = "large"
  type  = "String"
  value = join("", [for n in range(1000) : "large"])
  tier  = "Intelligent-Tiering"
}

resource "aws_ssm_parameter" "image" {
  name      = "/app/image"
  type      = "String"
  data_type = "aws:ec2:image"
  value     = "ami-0123456789abcdef0"
}

data "aws_ssm_parameter" "secret" {
  name = aws_ssm_parameter.secret.name
}

data "aws_ssm_parameters_by_path" "prod" {
  path = "/app/prod"
  depends_on = [
    aws_ssm_parameter.string, aws_ssm_parameter.list, aws_ssm_parameter.secret,
    aws_ssm_parameter.default_key,
  ]
}

output "secret" {
  value     = data.aws_ssm_parameter.secret.value
  sensitive = true
}

output "names" {
  value = sort(data.aws_ssm_parameters_by_path.prod.names)
}
