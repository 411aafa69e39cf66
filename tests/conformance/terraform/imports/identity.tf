# Takes in by name what is there already. Not credentials and server certificates: their secrets
# cannot be read again.

import {
  to = aws_iam_account_alias.this
  id = "${var.prefix}-alias"
}

import {
  to = aws_iam_account_password_policy.this
  id = "iam-account-password-policy"
}

import {
  to = aws_iam_policy.read_keys
  id = "arn:aws:iam::${data.aws_caller_identity.current.account_id}:policy/teams/${var.prefix}-read-keys"
}

import {
  to = aws_iam_policy.ceiling
  id = "arn:aws:iam::${data.aws_caller_identity.current.account_id}:policy/${var.prefix}-ceiling"
}

import {
  to = aws_iam_group.team
  id = "${var.prefix}-team"
}

import {
  to = aws_iam_group_policy.team
  id = "${var.prefix}-team:inline"
}

import {
  to = aws_iam_group_policy_attachment.team
  id = "${var.prefix}-team/arn:aws:iam::${data.aws_caller_identity.current.account_id}:policy/teams/${var.prefix}-read-keys"
}

import {
  to = aws_iam_user.person[0]
  id = "${var.prefix}-person-0"
}

import {
  to = aws_iam_user_policy.deployer
  id = "${var.prefix}-deployer:inline"
}

import {
  to = aws_iam_user_policy_attachment.deployer
  id = "${var.prefix}-deployer/arn:aws:iam::aws:policy/SecurityAudit"
}

import {
  to = aws_iam_user_group_membership.deployer
  id = "${var.prefix}-deployer/${var.prefix}-team"
}

import {
  to = aws_iam_role.app
  id = "${var.prefix}-app"
}

import {
  to = aws_iam_role_policy.app
  id = "${var.prefix}-app:inline"
}

import {
  to = aws_iam_role_policy_attachment.app
  id = "${var.prefix}-app/arn:aws:iam::${data.aws_caller_identity.current.account_id}:policy/teams/${var.prefix}-read-keys"
}

import {
  to = aws_iam_instance_profile.machine
  id = "${var.prefix}-machine"
}

import {
  to = aws_iam_virtual_mfa_device.phone
  id = "arn:aws:iam::${data.aws_caller_identity.current.account_id}:mfa/phones/${var.prefix}-phone"
}

import {
  to = aws_iam_service_linked_role.keys
  id = "arn:aws:iam::${data.aws_caller_identity.current.account_id}:role/aws-service-role/mrk.kms.amazonaws.com/AWSServiceRoleForKeyManagementServiceMultiRegionKeys"
}

import {
  to = aws_iam_openid_connect_provider.builds
  id = "arn:aws:iam::${data.aws_caller_identity.current.account_id}:oidc-provider/builds.example.com"
}

import {
  to = aws_iam_saml_provider.staff
  id = "arn:aws:iam::${data.aws_caller_identity.current.account_id}:saml-provider/${var.prefix}-staff"
}

import {
  to = aws_iam_role_policies_exclusive.shared
  id = "${var.prefix}-shared"
}

import {
  to = aws_iam_user_policies_exclusive.person
  id = "${var.prefix}-person-0"
}

import {
  to = aws_iam_group_policies_exclusive.people
  id = "${var.prefix}-people"
}

import {
  to = aws_iam_role_policy_attachments_exclusive.shared
  id = "${var.prefix}-shared"
}

import {
  to = aws_iam_user_policy_attachments_exclusive.person
  id = "${var.prefix}-person-1"
}

import {
  to = aws_iam_group_policy_attachments_exclusive.people
  id = "${var.prefix}-people"
}
