# Queues with all that can be said of one: under a key with a policy, a dead-letter queue and who
# may use it, and first in, first out.

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

resource "aws_kms_key" "queue" {}

resource "aws_sqs_queue" "dead" {
  name                      = "dead"
  message_retention_seconds = 1209600
}

locals {
  arn = "arn:aws:sqs:${data.aws_region.own.name}:${data.aws_caller_identity.own.account_id}"
}

resource "aws_sqs_queue_redrive_allow_policy" "dead" {
  queue_url = aws_sqs_queue.dead.id
  redrive_allow_policy = jsonencode({
    redrivePermission = "byQueue"
    sourceQueueArns   = [for name in concat(["orders", "bills"], var.changed ? ["more"] : []) : "${local.arn}:${name}"]
  })
}

# Its policies are arguments of its own.
resource "aws_sqs_queue" "orders" {
  name                              = "orders"
  visibility_timeout_seconds        = var.changed ? 50 : 45
  delay_seconds                     = var.changed ? 0 : 5
  max_message_size                  = var.changed ? 262144 : 2048
  message_retention_seconds         = var.changed ? 345600 : 60
  receive_wait_time_seconds         = var.changed ? 20 : 0
  kms_master_key_id                 = var.changed ? "alias/aws/sqs" : aws_kms_key.queue.key_id
  kms_data_key_reuse_period_seconds = var.changed ? 86400 : 60
  redrive_policy = jsonencode({
    deadLetterTargetArn = aws_sqs_queue.dead.arn
    maxReceiveCount     = var.changed ? 5 : 4
  })
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "events.amazonaws.com" }
      Action    = var.changed ? ["sqs:SendMessage", "sqs:GetQueueUrl"] : ["sqs:SendMessage"]
      Resource  = "${local.arn}:orders"
    }]
  })
  redrive_allow_policy = jsonencode({ redrivePermission = var.changed ? "allowAll" : "denyAll" })
  tags                 = var.changed ? { stage = "test" } : { team = "shop" }
}

# It is encrypted by SQS, and its policies are resources beside it.
resource "aws_sqs_queue" "bills" {
  name                    = "bills"
  sqs_managed_sse_enabled = !var.changed
}

resource "aws_sqs_queue_policy" "bills" {
  queue_url = aws_sqs_queue.bills.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { AWS = "arn:aws:iam::${data.aws_caller_identity.own.account_id}:root" }
      Action    = var.changed ? "sqs:SendMessage" : "sqs:ReceiveMessage"
      Resource  = aws_sqs_queue.bills.arn
    }]
  })
}

resource "aws_sqs_queue_redrive_policy" "bills" {
  queue_url = aws_sqs_queue.bills.id
  redrive_policy = jsonencode({
    deadLetterTargetArn = aws_sqs_queue.dead.arn
    maxReceiveCount     = var.changed ? 2 : 1
  })
}

resource "aws_sqs_queue" "fifo" {
  name                        = "orders.fifo"
  fifo_queue                  = true
  content_based_deduplication = !var.changed
  deduplication_scope         = var.changed ? "queue" : "messageGroup"
  fifo_throughput_limit       = var.changed ? "perQueue" : "perMessageGroupId"
}

resource "aws_sqs_queue" "named_by_the_provider" {
  name_prefix = "made-"
}

data "aws_sqs_queue" "orders" {
  name = aws_sqs_queue.orders.name
}

data "aws_sqs_queues" "orders" {
  queue_name_prefix = "orders"
  depends_on        = [aws_sqs_queue.orders, aws_sqs_queue.fifo]
}

output "read" {
  value = {
    tags   = data.aws_sqs_queue.orders.tags
    orders = sort([for url in data.aws_sqs_queues.orders.queue_urls : basename(url)])
  }
}
