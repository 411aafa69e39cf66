# An organization with a unit, an account, and policies that bind them.

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
  description = "Whether everything that can change in place is declared otherwise than at first."
  type        = bool
  default     = false
}

resource "aws_organizations_organization" "this" {
  feature_set = "ALL"
  enabled_policy_types = concat(
    ["SERVICE_CONTROL_POLICY", "RESOURCE_CONTROL_POLICY", "TAG_POLICY"],
    var.changed ? ["BACKUP_POLICY"] : [],
  )
  aws_service_access_principals = concat(
    ["cloudtrail.amazonaws.com", "iam.amazonaws.com"],
    var.changed ? ["config.amazonaws.com"] : [],
  )
}

resource "aws_organizations_organizational_unit" "workloads" {
  name      = var.changed ? "workloads-renamed" : "workloads"
  parent_id = aws_organizations_organization.this.roots[0].id
  tags      = { team = var.changed ? "blue" : "red" }
}

resource "aws_organizations_organizational_unit" "prod" {
  name      = "prod"
  parent_id = aws_organizations_organizational_unit.workloads.id
}

resource "aws_organizations_account" "payments" {
  name      = "payments"
  email     = "payments@example.com"
  parent_id = var.changed ? aws_organizations_organizational_unit.workloads.id : aws_organizations_organizational_unit.prod.id
  tags      = { team = var.changed ? "blue" : "red" }

  # AWS never tells it back.
  lifecycle {
    ignore_changes = [role_name, iam_user_access_to_billing]
  }
}

resource "aws_organizations_policy" "no_deletion" {
  depends_on = [aws_organizations_organization.this]

  name        = var.changed ? "no-disabling" : "no-deletion"
  description = var.changed ? "Keys stay enabled." : "Keys stay."
  tags        = { team = var.changed ? "blue" : "red" }
  type        = "SERVICE_CONTROL_POLICY"
  content = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Deny", Action = var.changed ? "kms:DisableKey" : "kms:ScheduleKeyDeletion", Resource = "*" }]
  })
}

resource "aws_organizations_policy_attachment" "no_deletion" {
  policy_id = aws_organizations_policy.no_deletion.id
  target_id = aws_organizations_organizational_unit.workloads.id
}

resource "aws_organizations_policy" "own_callers" {
  name = "own-callers"
  type = "RESOURCE_CONTROL_POLICY"
  content = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Deny"
      Principal = "*"
      Action    = "kms:*"
      Resource  = "*"
      Condition = {
        StringNotEqualsIfExists = { "aws:PrincipalOrgID" = aws_organizations_organization.this.id }
        BoolIfExists            = { "aws:PrincipalIsAWSService" = "false" }
      }
    }]
  })
}

resource "aws_organizations_policy_attachment" "own_callers" {
  policy_id = aws_organizations_policy.own_callers.id
  target_id = aws_organizations_organization.this.roots[0].id
}

output "account" {
  value = aws_organizations_account.payments.id
}

output "known" {
  value = {
    organization    = aws_organizations_organization.this.id
    workloads       = aws_organizations_organizational_unit.workloads.id
    prod            = aws_organizations_organizational_unit.prod.id
    account         = aws_organizations_account.payments.id
    policy          = aws_organizations_policy.no_deletion.id
    tag_policy      = aws_organizations_policy.teams.id
    resource_policy = aws_organizations_resource_policy.this.id
  }
}
