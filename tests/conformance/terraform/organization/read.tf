# Every data source of Organizations, reading what the other files declare.

locals {
  root = aws_organizations_organization.this.roots[0].id
}

data "aws_organizations_organization" "this" {
  depends_on = [aws_organizations_account.payments]
}

data "aws_organizations_organizational_unit" "prod" {
  depends_on = [aws_organizations_organizational_unit.prod]
  parent_id  = aws_organizations_organizational_unit.workloads.id
  name       = "prod"
}

data "aws_organizations_organizational_units" "root" {
  depends_on = [aws_organizations_organizational_unit.workloads]
  parent_id  = local.root
}

data "aws_organizations_organizational_unit_descendant_organizational_units" "root" {
  depends_on = [
    aws_organizations_organizational_unit.prod,
    aws_organizations_organizational_unit.workloads,
  ]
  parent_id = local.root
}

data "aws_organizations_organizational_unit_descendant_accounts" "root" {
  depends_on = [aws_organizations_account.payments]
  parent_id  = local.root
}

data "aws_organizations_organizational_unit_child_accounts" "root" {
  depends_on = [aws_organizations_account.payments]
  parent_id  = local.root
}

data "aws_organizations_policies" "tags" {
  depends_on = [aws_organizations_policy.teams]
  filter     = "TAG_POLICY"
}

data "aws_organizations_policies_for_target" "workloads" {
  depends_on = [aws_organizations_policy_attachment.no_deletion]
  target_id  = aws_organizations_organizational_unit.workloads.id
  filter     = "SERVICE_CONTROL_POLICY"
}

data "aws_organizations_policy" "full_access" {
  depends_on = [aws_organizations_organization.this]
  policy_id  = "p-FullAWSAccess"
}

data "aws_organizations_policy" "no_deletion" {
  depends_on = [aws_organizations_policy.no_deletion]
  policy_id  = aws_organizations_policy.no_deletion.id
}

data "aws_organizations_delegated_administrators" "trails" {
  depends_on        = [aws_organizations_delegated_administrator.trails]
  service_principal = "cloudtrail.amazonaws.com"
}

data "aws_organizations_delegated_services" "payments" {
  depends_on = [aws_organizations_delegated_administrator.trails]
  account_id = aws_organizations_account.payments.id
}

data "aws_organizations_resource_tags" "workloads" {
  depends_on  = [aws_organizations_organizational_unit.workloads]
  resource_id = aws_organizations_organizational_unit.workloads.id
}

output "read" {
  value = {
    accounts       = sort(data.aws_organizations_organization.this.accounts[*].name)
    types          = sort(data.aws_organizations_organization.this.enabled_policy_types)
    services       = sort(data.aws_organizations_organization.this.aws_service_access_principals)
    prod           = data.aws_organizations_organizational_unit.prod.id == aws_organizations_organizational_unit.prod.id
    units          = data.aws_organizations_organizational_units.root.children[*].name
    units_below    = sort(data.aws_organizations_organizational_unit_descendant_organizational_units.root.children[*].name)
    accounts_below = sort(data.aws_organizations_organizational_unit_descendant_accounts.root.accounts[*].name)
    accounts_at    = data.aws_organizations_organizational_unit_child_accounts.root.accounts[*].email
    tag_policies   = length(data.aws_organizations_policies.tags.ids)
    bound          = contains(data.aws_organizations_policies_for_target.workloads.ids, aws_organizations_policy.no_deletion.id)
    managed        = data.aws_organizations_policy.full_access.aws_managed
    statement      = jsondecode(data.aws_organizations_policy.no_deletion.content).Statement[0].Action
    administrators = data.aws_organizations_delegated_administrators.trails.delegated_administrators[*].name
    delegated      = data.aws_organizations_delegated_services.payments.delegated_services[*].service_principal
    tags           = data.aws_organizations_resource_tags.workloads.tags
  }
}
