# Trails with all that can be said of one: a key, a topic, validated files, and the events that they choose.

terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

provider "aws" {
  skip_metadata_api_check = true
  skip_region_validation  = true
}

variable "changed" {
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

resource "aws_sns_topic" "files" {
  name = "files"
}

resource "aws_sns_topic_policy" "files" {
  arn = aws_sns_topic.files.arn
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "cloudtrail.amazonaws.com" }
      Action    = "SNS:Publish"
      Resource  = aws_sns_topic.files.arn
    }]
  })
}

resource "aws_cloudtrail" "audit" {
  depends_on                    = [aws_sns_topic_policy.files]
  name                          = "audit"
  sns_topic_name                = var.changed ? null : aws_sns_topic.files.name
  s3_bucket_name                = var.changed ? "others" : "logs"
  s3_key_prefix                 = var.changed ? "" : "a/b"
  include_global_service_events = true
  is_multi_region_trail         = var.changed
  enable_log_file_validation    = !var.changed
  enable_logging                = !var.changed
  kms_key_id                    = var.changed ? null : aws_kms_key.trail.arn
  tags                          = var.changed ? { Team = "blue", Stage = "test" } : { Team = "red" }

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

  advanced_event_selector {
    name = "objects"
    field_selector {
      field  = "eventCategory"
      equals = ["Data"]
    }
    field_selector {
      field  = "resources.type"
      equals = ["AWS::S3::Object"]
    }
    field_selector {
      field           = "resources.ARN"
      starts_with     = ["arn:aws:s3:::pictures/"]
      not_starts_with = ["arn:aws:s3:::pictures/small/"]
    }
    field_selector {
      field         = "eventName"
      ends_with     = ["Object"]
      not_ends_with = ["TagObject"]
    }
    field_selector {
      field  = "readOnly"
      equals = [var.changed ? "true" : "false"]
    }
  }
}

resource "aws_cloudtrail" "writes" {
  depends_on                    = [aws_sns_topic_policy.files]
  name                          = "writes"
  sns_topic_name                = var.changed ? aws_sns_topic.files.name : null
  s3_bucket_name                = "logs"
  include_global_service_events = false

  event_selector {
    read_write_type                  = var.changed ? "All" : "WriteOnly"
    include_management_events        = true
    exclude_management_event_sources = var.changed ? [] : ["rdsdata.amazonaws.com", "kms.amazonaws.com"]
  }

  event_selector {
    read_write_type           = "All"
    include_management_events = false

    data_resource {
      type   = "AWS::S3::Object"
      values = var.changed ? ["arn:aws:s3:::pictures/"] : ["arn:aws:s3"]
    }

    data_resource {
      type   = "AWS::Lambda::Function"
      values = ["arn:aws:lambda"]
    }
  }

  dynamic "insight_selector" {
    for_each = var.changed ? ["ApiErrorRateInsight"] : ["ApiCallRateInsight", "ApiErrorRateInsight"]
    content {
      insight_type = insight_selector.value
    }
  }
}

# Says nothing of its own.
resource "aws_cloudtrail" "plain" {
  name           = "plain"
  s3_bucket_name = "logs"

  dynamic "event_selector" {
    for_each = var.changed ? [] : ["ReadOnly"]
    content {
      read_write_type = event_selector.value
    }
  }
}

output "trails" {
  value = { for trail in [aws_cloudtrail.audit, aws_cloudtrail.writes, aws_cloudtrail.plain] : trail.name => trail.arn }
}
