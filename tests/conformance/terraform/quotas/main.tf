# A quota that is raised, and what a configuration reads of quotas.

terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

provider "aws" {
  skip_metadata_api_check = true
  skip_region_validation  = true
}

variable "keys" {
  type    = number
  default = 200000
}

data "aws_servicequotas_service" "kms" {
  service_name = "AWS Key Management Service (AWS KMS)"
}

resource "aws_servicequotas_service_quota" "keys" {
  service_code = data.aws_servicequotas_service.kms.service_code
  quota_code   = "L-C2F1777E"
  value        = var.keys
}

data "aws_servicequotas_service_quota" "rate" {
  service_code = "kms"
  quota_name   = "CreateKey request rate"
}

output "keys" {
  value = {
    name    = aws_servicequotas_service_quota.keys.quota_name
    value   = aws_servicequotas_service_quota.keys.value
    default = aws_servicequotas_service_quota.keys.default_value
    arn     = aws_servicequotas_service_quota.keys.arn
  }
}

output "rate" {
  value = {
    code       = data.aws_servicequotas_service_quota.rate.quota_code
    value      = data.aws_servicequotas_service_quota.rate.value
    adjustable = data.aws_servicequotas_service_quota.rate.adjustable
  }
}
