# A trail that validates its files and chooses its events.

terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

provider "aws" {
  skip_metadata_api_check = true
  skip_region_validation  = true
}

variable "everywhere" {
  type    = bool
  default = false
}

data "aws_caller_identity" "own" {}
data "aws_region" "own" {}

resource "aws_kms_key" "trail" {
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::${data.aws_caller_identity.own.account_id}:root" }
        Action    = "kms:*"
        Resource  = "*"
      },
      {
        Effect    = "Allow"
        Principal = { Service = "cloudtrail.amazonaws.com" }
        Action    = "kms:GenerateDataKey*"
        Resource  = "*"
        Condition = {
          StringEquals = {
            "aws:SourceArn" = "arn:aws:cloudtrail:${data.aws_region.own.name}:${data.aws_caller_identity.own.account_id}:trail/audit"
          }
        }
      },
    ]
  })
}

resource "aws_cloudtrail" "audit" {
  name                          = "audit"
  s3_bucket_name                = "logs"
  s3_key_prefix                 = "a/b"
  include_global_service_events = true
  is_multi_region_trail         = var.everywhere
  enable_log_file_validation    = true
  kms_key_id                    = aws_kms_key.trail.arn
  tags                          = { Team = "red" }

  advanced_event_selector {
    name = "all but KMS"
    field_selector {
      field  = "eventCategory"
      equals = ["Management"]
    }
    field_selector {
      field      = "eventSource"
      not_equals = ["kms.amazonaws.com"]
    }
  }
}

resource "aws_cloudtrail" "writes" {
  name           = "writes"
  s3_bucket_name = "logs"

  event_selector {
    read_write_type                  = "WriteOnly"
    include_management_events        = true
    exclude_management_event_sources = ["rdsdata.amazonaws.com"]
  }

  insight_selector {
    insight_type = "ApiCallRateInsight"
  }
}

output "trail" {
  value = aws_cloudtrail.audit.arn
}
