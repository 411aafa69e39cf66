# A log group under a key, with all that belongs to it.

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

resource "aws_kms_key" "logs" {
  count = 2

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
        Principal = { Service = "logs.${data.aws_region.own.name}.amazonaws.com" }
        Action    = ["kms:Encrypt*", "kms:Decrypt*", "kms:GenerateDataKey*", "kms:Describe*"]
        Resource  = "*"
      },
    ]
  })
}

resource "aws_cloudwatch_log_group" "app" {
  name              = "/app/one"
  retention_in_days = var.changed ? 0 : 14
  kms_key_id        = aws_kms_key.logs[var.changed ? 1 : 0].arn
  tags              = var.changed ? { Team = "blue", Stage = "test" } : { Team = "red" }
}

resource "aws_cloudwatch_log_group" "plain" {
  name              = "/app/two"
  retention_in_days = var.changed ? 3653 : null
  kms_key_id        = var.changed ? aws_kms_key.logs[0].arn : null
}

resource "aws_cloudwatch_log_group" "rare" {
  name            = "/app/rare"
  log_group_class = "INFREQUENT_ACCESS"
}

resource "aws_cloudwatch_log_group" "short" {
  name            = "/app/short"
  log_group_class = "DELIVERY"

  # AWS keeps such logs for two days, which this version of the provider would undo.
  lifecycle {
    ignore_changes = [retention_in_days]
  }
}

resource "aws_cloudwatch_log_group" "named_by_the_provider" {
  name_prefix = "made-"
}

resource "aws_cloudwatch_log_stream" "app" {
  name           = "one"
  log_group_name = aws_cloudwatch_log_group.app.name
}

resource "aws_cloudwatch_log_metric_filter" "errors" {
  name           = "errors"
  pattern        = var.changed ? "{ $.level = \"FATAL\" }" : "{ $.level = \"ERROR\" }"
  log_group_name = aws_cloudwatch_log_group.app.name

  metric_transformation {
    name          = "Errors"
    namespace     = "App"
    value         = var.changed ? "$.count" : "1"
    unit          = var.changed ? "Count" : "None"
    default_value = var.changed ? "0.5" : "0"
  }
}

resource "aws_cloudwatch_log_metric_filter" "latency" {
  name           = "latency"
  pattern        = "[host, path, milliseconds]"
  log_group_name = aws_cloudwatch_log_group.app.name

  metric_transformation {
    name       = "Latency"
    namespace  = "App"
    value      = "$milliseconds"
    unit       = "Milliseconds"
    dimensions = var.changed ? { Host = "$host" } : { Host = "$host", Path = "$path" }
  }
}

resource "aws_cloudwatch_log_resource_policy" "events" {
  policy_name = "events"
  policy_document = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = var.changed ? "delivery.logs.amazonaws.com" : "events.amazonaws.com" }
      Action    = ["logs:CreateLogStream", "logs:PutLogEvents"]
      Resource  = "${aws_cloudwatch_log_group.app.arn}:*"
    }]
  })
}

resource "aws_cloudwatch_query_definition" "slow" {
  name            = "teams/${var.changed ? "slowest" : "slow"}"
  log_group_names = var.changed ? ["/app/one", "/app/two"] : [aws_cloudwatch_log_group.app.name]
  query_string    = <<-EOT
    fields @timestamp, @message
    | filter @message like /slow/
    | limit ${var.changed ? 5 : 20}
  EOT

  depends_on = [aws_cloudwatch_log_group.plain]
}

resource "aws_iam_role" "forward" {
  count = 2
  name  = "forward-${count.index}"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "logs.amazonaws.com" }
      Action    = "sts:AssumeRole"
    }]
  })
}

locals {
  collector = "arn:aws:logs:${data.aws_region.own.name}:${data.aws_caller_identity.own.account_id}:webhook:https://collector.example"
}

resource "aws_cloudwatch_log_destination" "collector" {
  name       = "collector"
  role_arn   = aws_iam_role.forward[var.changed ? 1 : 0].arn
  target_arn = "${local.collector}/${var.changed ? "changed" : "logs"}"
  tags       = var.changed ? { Team = "blue" } : { Team = "red" }
}

resource "aws_cloudwatch_log_destination_policy" "collector" {
  destination_name = aws_cloudwatch_log_destination.collector.name
  force_update     = true
  access_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { AWS = var.changed ? "555566667777" : "444455556666" }
      Action    = "logs:PutSubscriptionFilter"
      Resource  = aws_cloudwatch_log_destination.collector.arn
    }]
  })
}

resource "aws_cloudwatch_log_subscription_filter" "errors" {
  name            = "errors"
  log_group_name  = aws_cloudwatch_log_group.app.name
  filter_pattern  = var.changed ? "" : "ERROR"
  destination_arn = aws_cloudwatch_log_destination.collector.arn
  distribution    = var.changed ? "Random" : "ByLogStream"
}

data "aws_cloudwatch_log_group" "app" {
  name = aws_cloudwatch_log_group.app.name
}

data "aws_cloudwatch_log_groups" "app" {
  log_group_name_prefix = "/app/"
  depends_on = [
    aws_cloudwatch_log_group.app, aws_cloudwatch_log_group.plain,
    aws_cloudwatch_log_group.rare, aws_cloudwatch_log_group.short,
  ]
}

output "group" {
  value = aws_cloudwatch_log_group.app.arn
}

output "query" {
  value = "arn:aws:logs:${data.aws_region.own.name}:${data.aws_caller_identity.own.account_id}:query-definition:${aws_cloudwatch_query_definition.slow.query_definition_id}"
}

output "read" {
  value = {
    class     = data.aws_cloudwatch_log_group.app.log_group_class
    retention = data.aws_cloudwatch_log_group.app.retention_in_days
    tags      = data.aws_cloudwatch_log_group.app.tags
    groups    = sort(data.aws_cloudwatch_log_groups.app.log_group_names)
  }
}
