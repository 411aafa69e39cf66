# Every data source of IAM, reading what the other files declare.

data "aws_iam_account_alias" "this" {
  depends_on = [aws_iam_account_alias.this]
}

data "aws_iam_group" "people" {
  depends_on = [aws_iam_group_membership.people]
  group_name = aws_iam_group.people.name
}

data "aws_iam_instance_profile" "machine" {
  name = aws_iam_instance_profile.machine.name
}

data "aws_iam_instance_profiles" "machine" {
  role_name = aws_iam_instance_profile.machine.role
}

data "aws_iam_policy" "by_arn" {
  arn = aws_iam_policy.read_keys.arn
}

data "aws_iam_policy" "by_name" {
  name        = aws_iam_policy.read_keys.name
  path_prefix = "/teams/"
}

data "aws_iam_policy" "of_aws" {
  name = "SecurityAudit"
}

data "aws_iam_role" "app" {
  name = aws_iam_role.app.name
}

data "aws_iam_roles" "people" {
  depends_on  = [aws_iam_role.shared]
  path_prefix = "/people/"
}

data "aws_iam_user" "deployer" {
  depends_on = [aws_iam_user.deployer]
  user_name  = aws_iam_user.deployer.name
}

data "aws_iam_users" "people" {
  depends_on = [aws_iam_user.person]
  name_regex = "person-[01]$"
}

data "aws_iam_session_context" "app" {
  depends_on = [aws_iam_role.app]
  arn        = "arn:aws:sts::${data.aws_caller_identity.current.account_id}:assumed-role/${aws_iam_role.app.name}/s1"
}

data "aws_iam_access_keys" "deployer" {
  depends_on = [aws_iam_access_key.deployer]
  user       = aws_iam_user.deployer.name
}

data "aws_iam_server_certificate" "site" {
  depends_on = [aws_iam_server_certificate.site]
  name       = aws_iam_server_certificate.site.name
}

data "aws_iam_server_certificate" "latest" {
  depends_on  = [aws_iam_server_certificate.site]
  path_prefix = "/cloudfront/"
  name_prefix = var.prefix
  latest      = true
}

data "aws_iam_openid_connect_provider" "by_arn" {
  arn = aws_iam_openid_connect_provider.builds.arn
}

data "aws_iam_openid_connect_provider" "by_url" {
  depends_on = [aws_iam_openid_connect_provider.builds]
  url        = "https://builds.example.com"
}

data "aws_iam_saml_provider" "staff" {
  arn = aws_iam_saml_provider.staff.arn
}

data "aws_iam_user_ssh_key" "deployer" {
  username          = aws_iam_user.deployer.name
  ssh_public_key_id = aws_iam_user_ssh_key.deployer.ssh_public_key_id
  encoding          = "SSH"
}

data "aws_iam_principal_policy_simulation" "deployer" {
  depends_on = [
    aws_iam_user_policy.deployer,
    aws_iam_group_policy.team,
    aws_iam_user_group_membership.deployer,
  ]

  policy_source_arn = aws_iam_user.deployer.arn
  action_names      = ["kms:DescribeKey", "kms:GenerateRandom", "kms:ScheduleKeyDeletion"]
  resource_arns     = ["arn:aws:kms:us-east-1:${data.aws_caller_identity.current.account_id}:key/k1"]

  context {
    key    = "aws:RequestedRegion"
    type   = "string"
    values = ["eu-west-2"]
  }
}

output "read" {
  value = {
    alias             = data.aws_iam_account_alias.this.account_alias
    people            = sort(data.aws_iam_group.people.users[*].user_name)
    profile_role      = data.aws_iam_instance_profile.machine.role_name
    profiles          = data.aws_iam_instance_profiles.machine.names
    policy_id         = data.aws_iam_policy.by_arn.policy_id
    policy_id_by_name = data.aws_iam_policy.by_name.policy_id
    policy_tags       = data.aws_iam_policy.by_name.tags
    policy_of_aws     = data.aws_iam_policy.of_aws.arn
    role_description  = data.aws_iam_role.app.description
    roles             = data.aws_iam_roles.people.names
    user_arn          = data.aws_iam_user.deployer.arn
    users             = sort(data.aws_iam_users.people.names)
    issuer            = data.aws_iam_session_context.app.issuer_arn
    keys              = data.aws_iam_access_keys.deployer.access_keys[*].status
    certificate       = data.aws_iam_server_certificate.site.path
    certificate_chain = data.aws_iam_server_certificate.latest.certificate_chain
    clients           = sort(data.aws_iam_openid_connect_provider.by_arn.client_id_list)
    thumbprints       = data.aws_iam_openid_connect_provider.by_url.thumbprint_list
    saml_until        = data.aws_iam_saml_provider.staff.valid_until
    ssh_key           = data.aws_iam_user_ssh_key.deployer.status
    decisions         = { for r in data.aws_iam_principal_policy_simulation.deployer.results : r.action_name => r.decision }
  }
}
