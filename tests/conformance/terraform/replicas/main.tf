# A multi-Region key with a replica in another Region.

terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

provider "aws" {
  region                  = "us-east-1"
  skip_metadata_api_check = true
}

provider "aws" {
  alias                   = "ireland"
  region                  = "eu-west-1"
  skip_metadata_api_check = true
}

variable "description" {
  type    = string
  default = "There"
}

variable "is_enabled" {
  type    = bool
  default = true
}

resource "aws_kms_key" "primary" {
  description             = "Here"
  multi_region            = true
  enable_key_rotation     = true
  deletion_window_in_days = 7
}

resource "aws_kms_replica_key" "there" {
  provider                = aws.ireland
  primary_key_arn         = aws_kms_key.primary.arn
  description             = var.description
  enabled                 = var.is_enabled
  deletion_window_in_days = 7
  tags                    = { team = "red" }
}

resource "aws_kms_alias" "there" {
  provider      = aws.ireland
  name          = "alias/there"
  target_key_id = aws_kms_replica_key.there.key_id
}

output "key_id" {
  value = aws_kms_key.primary.key_id
}

output "replica_id" {
  value = aws_kms_replica_key.there.key_id
}

output "replica" {
  value = aws_kms_replica_key.there.arn
}
