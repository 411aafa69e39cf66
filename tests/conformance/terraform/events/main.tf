# A bus with a policy and an archive, rules with a queue, a topic and a webhook as targets, and what they need.

terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

provider "aws" {
  skip_metadata_api_check = true
  skip_region_validation  = true
}

variable "state" {
  type    = string
  default = "open"
}

variable "attempts" {
  type    = number
  default = 3
}

data "aws_caller_identity" "own" {}

resource "aws_sqs_queue" "dead" {
  name = "dead"
}

resource "aws_sqs_queue" "orders" {
  name                        = "orders.fifo"
  fifo_queue                  = true
  content_based_deduplication = true
}

resource "aws_sqs_queue_policy" "all" {
  for_each  = { dead = aws_sqs_queue.dead, orders = aws_sqs_queue.orders }
  queue_url = each.value.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "events.amazonaws.com" }
      Action    = "sqs:SendMessage"
      Resource  = each.value.arn
      Condition = { ArnLike = { "aws:SourceArn" = "${aws_cloudwatch_event_rule.orders.arn}*" } }
    }]
  })
}

resource "aws_cloudwatch_event_bus" "shop" {
  name        = "shop"
  description = "orders that are ${var.state}"
  dead_letter_config {
    arn = aws_sqs_queue.dead.arn
  }
  tags = { team = "shop" }
}

resource "aws_cloudwatch_event_bus_policy" "shop" {
  event_bus_name = aws_cloudwatch_event_bus.shop.name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "partner"
      Effect    = "Allow"
      Principal = { AWS = "arn:aws:iam::444455556666:root" }
      Action    = "events:PutEvents"
      Resource  = aws_cloudwatch_event_bus.shop.arn
    }]
  })
}

resource "aws_cloudwatch_event_permission" "default" {
  principal    = "444455556666"
  statement_id = "partner"
}

resource "aws_cloudwatch_event_archive" "shop" {
  name             = "shop"
  event_source_arn = aws_cloudwatch_event_bus.shop.arn
  retention_days   = 7
  event_pattern    = jsonencode({ detail = { state = [var.state] } })
}

resource "aws_cloudwatch_event_rule" "orders" {
  name           = "orders"
  event_bus_name = aws_cloudwatch_event_bus.shop.name
  event_pattern  = jsonencode({ detail = { state = [var.state] } })
  tags           = { team = "shop" }
}

resource "aws_cloudwatch_event_rule" "nightly" {
  name                = "nightly"
  schedule_expression = "cron(30 1 * * ? *)"
  state               = "DISABLED"
}

resource "aws_cloudwatch_event_target" "queue" {
  rule           = aws_cloudwatch_event_rule.orders.name
  event_bus_name = aws_cloudwatch_event_bus.shop.name
  target_id      = "queue"
  arn            = aws_sqs_queue.orders.arn
  input_path     = "$.detail"
  sqs_target {
    message_group_id = "orders"
  }
  dead_letter_config {
    arn = aws_sqs_queue.dead.arn
  }
  retry_policy {
    maximum_retry_attempts       = var.attempts
    maximum_event_age_in_seconds = 3600
  }
}

resource "aws_sns_topic" "heard" {
  name = "heard"
}

resource "aws_sns_topic_policy" "heard" {
  arn = aws_sns_topic.heard.arn
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "events.amazonaws.com" }
      Action    = "sns:Publish"
      Resource  = aws_sns_topic.heard.arn
      Condition = { ArnEquals = { "aws:SourceArn" = aws_cloudwatch_event_rule.orders.arn } }
    }]
  })
}

resource "aws_sqs_queue" "heard" {
  name = "heard"
}

resource "aws_sqs_queue_policy" "heard" {
  queue_url = aws_sqs_queue.heard.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "sns.amazonaws.com" }
      Action    = "sqs:SendMessage"
      Resource  = aws_sqs_queue.heard.arn
      Condition = { ArnEquals = { "aws:SourceArn" = aws_sns_topic.heard.arn } }
    }]
  })
}

resource "aws_sns_topic_subscription" "heard" {
  topic_arn            = aws_sns_topic.heard.arn
  protocol             = "sqs"
  endpoint             = aws_sqs_queue.heard.arn
  raw_message_delivery = true
  depends_on           = [aws_sqs_queue_policy.heard]
}

resource "aws_cloudwatch_event_target" "topic" {
  rule           = aws_cloudwatch_event_rule.orders.name
  event_bus_name = aws_cloudwatch_event_bus.shop.name
  target_id      = "topic"
  arn            = aws_sns_topic.heard.arn
  input_transformer {
    input_paths    = { state = "$.detail.state" }
    input_template = "{\"heard\": <state>}"
  }
  dead_letter_config {
    arn = aws_sqs_queue.dead.arn
  }
  depends_on = [aws_sns_topic_policy.heard]
}

resource "aws_iam_role" "calls" {
  name = "calls"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "events.amazonaws.com" }
      Action    = "sts:AssumeRole"
    }]
  })
}

resource "aws_iam_role_policy" "calls" {
  name = "calls"
  role = aws_iam_role.calls.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = "events:InvokeApiDestination"
      Resource = aws_cloudwatch_event_api_destination.hooks.arn
    }]
  })
}

resource "aws_cloudwatch_event_connection" "hooks" {
  name               = "hooks"
  authorization_type = "API_KEY"
  auth_parameters {
    api_key {
      key   = "x-key"
      value = "canary"
    }
    invocation_http_parameters {
      header {
        key             = "x-shop"
        value           = var.state
        is_value_secret = false
      }
    }
  }
}

resource "aws_cloudwatch_event_api_destination" "hooks" {
  name                             = "hooks"
  connection_arn                   = aws_cloudwatch_event_connection.hooks.arn
  invocation_endpoint              = "https://hooks.example.com/*"
  http_method                      = "POST"
  invocation_rate_limit_per_second = 20
}

resource "aws_cloudwatch_event_target" "hooks" {
  rule           = aws_cloudwatch_event_rule.orders.name
  event_bus_name = aws_cloudwatch_event_bus.shop.name
  target_id      = "hooks"
  arn            = aws_cloudwatch_event_api_destination.hooks.arn
  role_arn       = aws_iam_role.calls.arn
  http_target {
    path_parameter_values   = ["$.detail.state"]
    header_parameters       = { x-own = "1" }
    query_string_parameters = { q = "1" }
  }
  input_transformer {
    input_paths    = { state = "$.detail.state" }
    input_template = "{\"state\": <state>}"
  }
}
