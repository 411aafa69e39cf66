# Takes in by id what is there already.

variable "known" {
  description = "The ids."
  type        = map(string)
}

import {
  to = aws_organizations_organization.this
  id = var.known.organization
}

import {
  to = aws_organizations_organizational_unit.workloads
  id = var.known.workloads
}

import {
  to = aws_organizations_organizational_unit.prod
  id = var.known.prod
}

import {
  to = aws_organizations_account.payments
  id = var.known.account
}

import {
  to = aws_organizations_policy.no_deletion
  id = var.known.policy
}

import {
  to = aws_organizations_policy.teams
  id = var.known.tag_policy
}

import {
  to = aws_organizations_policy_attachment.no_deletion
  id = "${var.known.workloads}:${var.known.policy}"
}

import {
  to = aws_organizations_policy_attachment.teams
  id = "${var.known.account}:${var.known.tag_policy}"
}

import {
  to = aws_organizations_delegated_administrator.trails
  id = "${var.known.account}/cloudtrail.amazonaws.com"
}

import {
  to = aws_organizations_resource_policy.this
  id = var.known.resource_policy
}

import {
  to = aws_iam_organizations_features.this
  id = var.known.organization
}
