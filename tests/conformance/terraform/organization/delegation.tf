# What the organization lends to a member, and policies that describe instead of binding.

resource "aws_organizations_policy" "teams" {
  depends_on = [aws_organizations_organization.this]

  name = "teams"
  type = "TAG_POLICY"
  content = jsonencode({
    tags = {
      team = {
        tag_key   = { "@@assign" = "team" }
        tag_value = { "@@assign" = var.changed ? ["red", "blue", "green"] : ["red", "blue"] }
      }
    }
  })
}

resource "aws_organizations_policy_attachment" "teams" {
  policy_id = aws_organizations_policy.teams.id
  target_id = aws_organizations_account.payments.id
}

resource "aws_organizations_delegated_administrator" "trails" {
  account_id        = aws_organizations_account.payments.id
  service_principal = "cloudtrail.amazonaws.com"
}

resource "aws_organizations_resource_policy" "this" {
  depends_on = [aws_organizations_organization.this]

  content = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "MayLook"
      Effect    = "Allow"
      Principal = { AWS = "arn:aws:iam::${aws_organizations_account.payments.id}:root" }
      Action    = var.changed ? ["organizations:DescribeOrganization", "organizations:List*"] : ["organizations:DescribeOrganization"]
      Resource  = "*"
    }]
  })
  tags = { team = var.changed ? "blue" : "red" }
}

resource "aws_iam_organizations_features" "this" {
  depends_on = [aws_organizations_organization.this]

  enabled_features = var.changed ? ["RootCredentialsManagement"] : ["RootCredentialsManagement", "RootSessions"]
}
