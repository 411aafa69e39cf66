# Takes in by their URLs the queues that are there already, and what belongs to them.

data "aws_sqs_queue" "known" {
  for_each = toset(["dead", "orders", "bills", "orders.fifo"])
  name     = each.key
}

import {
  to = aws_sqs_queue.dead
  id = data.aws_sqs_queue.known["dead"].url
}

import {
  to = aws_sqs_queue.orders
  id = data.aws_sqs_queue.known["orders"].url
}

import {
  to = aws_sqs_queue.bills
  id = data.aws_sqs_queue.known["bills"].url
}

import {
  to = aws_sqs_queue.fifo
  id = data.aws_sqs_queue.known["orders.fifo"].url
}

import {
  to = aws_sqs_queue_redrive_allow_policy.dead
  id = data.aws_sqs_queue.known["dead"].url
}

import {
  to = aws_sqs_queue_policy.bills
  id = data.aws_sqs_queue.known["bills"].url
}

import {
  to = aws_sqs_queue_redrive_policy.bills
  id = data.aws_sqs_queue.known["bills"].url
}
