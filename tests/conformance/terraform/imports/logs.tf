# Takes in by their names the log groups that are there already, and what belongs to them. Not the
# destination's policy: whether it is forced is known to the configuration alone.

variable "query" {
  type = string
}

import {
  to = aws_cloudwatch_log_group.app
  id = "/app/one"
}

import {
  to = aws_cloudwatch_log_group.rare
  id = "/app/rare"
}

import {
  to = aws_cloudwatch_log_group.short
  id = "/app/short"
}

import {
  to = aws_cloudwatch_log_stream.app
  id = "/app/one:one"
}

import {
  to = aws_cloudwatch_log_metric_filter.errors
  id = "/app/one:errors"
}

import {
  to = aws_cloudwatch_log_metric_filter.latency
  id = "/app/one:latency"
}

import {
  to = aws_cloudwatch_log_resource_policy.events
  id = "events"
}

import {
  to = aws_cloudwatch_query_definition.slow
  id = var.query
}

import {
  to = aws_cloudwatch_log_destination.collector
  id = "collector"
}

import {
  to = aws_cloudwatch_log_subscription_filter.errors
  id = "/app/one|errors"
}
