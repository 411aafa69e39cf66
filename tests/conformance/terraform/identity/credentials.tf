# Identity providers, certificates and the credentials of people beside access keys.

resource "aws_iam_openid_connect_provider" "builds" {
  url             = "https://builds.example.com"
  client_id_list  = var.changed ? ["deploys", "sts.amazonaws.com"] : ["sts.amazonaws.com", "tests"]
  thumbprint_list = [var.changed ? "d89e3bd43d5d909b47a18977aa9d5ce36cee184c" : "9e99a48a9960b14926bb7f3b02e22da2b0ab7280"]
  tags            = { team = var.changed ? "blue" : "red" }
}

resource "aws_iam_saml_provider" "staff" {
  name                   = "${var.prefix}-staff"
  saml_metadata_document = replace(file("${var.certificates}/saml-metadata.xml"), "2100-01-01", var.changed ? "2101-01-01" : "2100-01-01")
  tags                   = { team = var.changed ? "blue" : "red" }
}

resource "aws_iam_server_certificate" "site" {
  name              = "${var.prefix}-site"
  path              = "/cloudfront/sites/"
  certificate_body  = file("${var.certificates}/leaf.pem")
  certificate_chain = file("${var.certificates}/chain.pem")
  private_key       = file("${var.certificates}/leaf-key-pkcs8.pem")
  tags              = { team = var.changed ? "blue" : "red" }
}

resource "aws_iam_signing_certificate" "deployer" {
  user_name        = aws_iam_user.deployer.name
  certificate_body = file("${var.certificates}/leaf.pem")
  status           = var.changed ? "Inactive" : "Active"
}

resource "aws_iam_service_specific_credential" "deployer" {
  user_name    = aws_iam_user.deployer.name
  service_name = "codecommit.amazonaws.com"
  status       = var.changed ? "Inactive" : "Active"
}

resource "aws_iam_user_ssh_key" "deployer" {
  username   = aws_iam_user.deployer.name
  encoding   = "SSH"
  public_key = trimspace(file("${var.certificates}/key.pub"))
  status     = var.changed ? "Inactive" : "Active"
}

resource "aws_iam_user_ssh_key" "pem" {
  username   = aws_iam_user.person[0].name
  encoding   = "PEM"
  public_key = trimspace(file("${var.certificates}/key.pub.pem"))
}

resource "aws_iam_security_token_service_preferences" "this" {
  global_endpoint_token_version = var.changed ? "v1Token" : "v2Token"
}
