# Keys whose material is brought along.

terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

provider "aws" {
  skip_metadata_api_check = true
  skip_region_validation  = true
}

variable "material" {
  type      = string
  sensitive = true
}

variable "valid_to" {
  type    = string
  default = null
}

variable "is_enabled" {
  type    = bool
  default = true
}

resource "aws_kms_external_key" "filled" {
  description             = "Brought along"
  key_material_base64     = var.material
  valid_to                = var.valid_to
  enabled                 = var.is_enabled
  deletion_window_in_days = 7
  tags                    = { team = "red" }
}

resource "aws_kms_external_key" "empty" {
  deletion_window_in_days = 7
}

output "filled" {
  value = aws_kms_external_key.filled.id
}

output "empty" {
  value = aws_kms_external_key.empty.id
}
