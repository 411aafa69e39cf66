# The forms that own a whole set: what is in it and not declared goes.

resource "aws_iam_user" "person" {
  count = 3
  name  = "${var.prefix}-person-${count.index}${var.changed && count.index == 2 ? "-renamed" : ""}"
  path  = "/people/"
}

resource "aws_iam_group" "people" {
  name = "${var.prefix}-people"
}

resource "aws_iam_group_membership" "people" {
  name  = "people"
  group = aws_iam_group.people.name
  users = var.changed ? aws_iam_user.person[*].name : slice(aws_iam_user.person[*].name, 0, 2)
}

resource "aws_iam_role" "shared" {
  name               = "${var.prefix}-shared"
  path               = "/people/"
  assume_role_policy = data.aws_iam_policy_document.machines.json
}

resource "aws_iam_policy_attachment" "read_keys" {
  name       = "everyone"
  policy_arn = aws_iam_policy.read_many.arn
  users      = var.changed ? [] : [aws_iam_user.person[0].name]
  roles      = [aws_iam_role.shared.name]
  groups     = [aws_iam_group.people.name]
}

resource "aws_iam_policy" "read_many" {
  name_prefix = "${var.prefix}-many-"
  policy      = data.aws_iam_policy_document.read_keys.json
}

resource "aws_iam_role_policy" "shared" {
  name   = "inline"
  role   = aws_iam_role.shared.name
  policy = data.aws_iam_policy_document.read_keys.json
}

resource "aws_iam_user_policy" "person" {
  name_prefix = "inline-"
  user        = aws_iam_user.person[0].name
  policy      = data.aws_iam_policy_document.read_keys.json
}

resource "aws_iam_group_policy" "people" {
  name   = "inline"
  group  = aws_iam_group.people.name
  policy = data.aws_iam_policy_document.read_keys.json
}

resource "aws_iam_role_policies_exclusive" "shared" {
  role_name    = aws_iam_role.shared.name
  policy_names = [aws_iam_role_policy.shared.name]
}

resource "aws_iam_user_policies_exclusive" "person" {
  user_name    = aws_iam_user.person[0].name
  policy_names = [aws_iam_user_policy.person.name]
}

resource "aws_iam_group_policies_exclusive" "people" {
  group_name   = aws_iam_group.people.name
  policy_names = [aws_iam_group_policy.people.name]
}

resource "aws_iam_role_policy_attachments_exclusive" "shared" {
  depends_on = [aws_iam_policy_attachment.read_keys]

  role_name   = aws_iam_role.shared.name
  policy_arns = [aws_iam_policy.read_many.arn]
}

resource "aws_iam_user_policy_attachment" "person" {
  user       = aws_iam_user.person[1].name
  policy_arn = "arn:aws:iam::aws:policy/SecurityAudit"
}

resource "aws_iam_user_policy_attachments_exclusive" "person" {
  user_name   = aws_iam_user.person[1].name
  policy_arns = [aws_iam_user_policy_attachment.person.policy_arn]
}

resource "aws_iam_group_policy_attachments_exclusive" "people" {
  depends_on = [aws_iam_policy_attachment.read_keys]

  group_name  = aws_iam_group.people.name
  policy_arns = [aws_iam_policy.read_many.arn]
}
