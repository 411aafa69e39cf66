# Takes in trails by their ARNs.

import {
  to = aws_cloudtrail.audit
  id = "arn:aws:cloudtrail:${data.aws_region.own.name}:${data.aws_caller_identity.own.account_id}:trail/audit"
}

import {
  to = aws_cloudtrail.writes
  id = "arn:aws:cloudtrail:${data.aws_region.own.name}:${data.aws_caller_identity.own.account_id}:trail/writes"
}

import {
  to = aws_cloudtrail.plain
  id = "arn:aws:cloudtrail:${data.aws_region.own.name}:${data.aws_caller_identity.own.account_id}:trail/plain"
}
