//! The table of AWS managed policies; each document is a file of its name beside this one.

use std::sync::OnceLock;

use wire::Timestamp;

use super::AwsManaged;

/// Per policy: name, path, id, default version; when made, when last changed (UTC); description.
macro_rules! table {
    ($($name:literal $path:literal $id:literal $version:literal
       $created:tt $updated:tt $description:literal;)*) => {
        pub(super) static TABLE: [AwsManaged; [$($name),*].len()] = [$(AwsManaged {
            name: $name,
            path: $path,
            policy_id: $id,
            version: $version,
            created: at($created),
            updated: at($updated),
            description: $description,
            document: include_str!(concat!($name, ".json")).trim_ascii_end(),
            parsed: OnceLock::new(),
        }),*];
    };
}

/// A time in UTC, from year, month, day, hour, minute and second. The days are counted from March,
/// so that a leap day is the last of its year.
const fn at([year, month, day, hour, minute, second]: [i64; 6]) -> Timestamp {
    let year = if month > 2 { year } else { year - 1 };
    let month = (month + 9) % 12;
    let leaps = year / 4 - year / 100 + year / 400;
    let days = 365 * year + leaps + (153 * month + 2) / 5 + day - 719_469;
    Timestamp::from_secs(((days * 24 + hour) * 60 + minute) * 60 + second)
}

table! {
    "AWSCertificateManagerFullAccess" "/" "ANPAKVNW7QUDIJTYA4MKA" "v2"
        [2016, 1, 21, 17, 2, 36] [2020, 8, 17, 22, 18, 28]
        "Provides full access to AWS Certificate Manager (ACM)";
    "AWSCertificateManagerReadOnly" "/" "ANPA75K4PREDB7KUWPTG4" "v7"
        [2016, 1, 21, 17, 7, 33] [2026, 8, 13, 18, 7, 23]
        "Provides read only access to AWS Certificate Manager (ACM).";
    "AWSCloudTrail_FullAccess" "/" "ANPAZKAPJZG4CA4SIJQAM" "v3"
        [2020, 10, 8, 23, 41, 15] [2021, 2, 22, 19, 1, 0]
        "Provides full access to AWS CloudTrail.";
    "AWSCloudTrail_ReadOnlyAccess" "/" "ANPAZKAPJZG4OGLRVUGKM" "v1"
        [2022, 6, 14, 17, 19, 5] [2022, 6, 14, 17, 19, 5]
        "Provides read only access to AWS CloudTrail.";
    "AWSDenyAll" "/" "ANPAZKAPJZG4P43IUQ5E5" "v2"
        [2019, 5, 1, 22, 36, 14] [2023, 12, 18, 16, 42, 5]
        "Deny all access.";
    "AWSKeyManagementServiceCustomKeyStoresServiceRolePolicy" "/aws-service-role/" "ANPAPUO6VFTFBQW3WMQQ5" "v2"
        [2018, 11, 14, 20, 10, 53] [2023, 11, 10, 19, 3, 34]
        "Enables access to AWS services and resources required for AWS KMS custom key stores";
    "AWSKeyManagementServiceMultiRegionKeysServiceRolePolicy" "/aws-service-role/" "ANPASQ5NPDIMWABEO63WU" "v2"
        [2021, 6, 16, 15, 37, 37] [2024, 11, 13, 22, 53, 54]
        "Enables AWS KMS to synchronize the shared properties of multi-Region keys.";
    "AWSKeyManagementServicePowerUser" "/" "ANPAJNPP7PPPPMJRV2SA4" "v2"
        [2015, 2, 6, 18, 40, 40] [2017, 3, 7, 0, 55, 11]
        "Provides access to AWS Key Management Service (KMS).";
    "AWSLambdaBasicExecutionRole" "/service-role/" "ANPAJNCQGXC42545SKXIK" "v1"
        [2015, 4, 9, 15, 3, 43] [2015, 4, 9, 15, 3, 43]
        "Provides write permissions to CloudWatch Logs.";
    "AWSLambda_FullAccess" "/" "ANPAZKAPJZG4OXQPYWZ5D" "v7"
        [2020, 11, 17, 21, 14, 8] [2026, 2, 12, 18, 0, 51]
        "Grants full access to AWS Lambda service, AWS Lambda console features, and other related AWS services.";
    "AWSLambda_ReadOnlyAccess" "/" "ANPAZKAPJZG4IERNVMNPE" "v5"
        [2020, 11, 17, 21, 10, 32] [2026, 2, 12, 18, 2, 55]
        "Grants read-only access to AWS Lambda service, AWS Lambda console features, and other related AWS services.";
    "AWSOrganizationsFullAccess" "/" "ANPAJZXBNRCJKNLQHSB5M" "v9"
        [2018, 11, 6, 20, 31, 57] [2026, 2, 12, 17, 59, 7]
        "Provides full access to AWS Organizations.";
    "AWSOrganizationsReadOnlyAccess" "/" "ANPAJY5RQATUV77PEPVOM" "v6"
        [2018, 11, 6, 20, 32, 38] [2024, 6, 7, 21, 32, 16]
        "Provides read-only access to AWS Organizations.";
    "AWSOrganizationsServiceTrustPolicy" "/aws-service-role/" "ANPAIQH6ROMVVECFVRJPK" "v3"
        [2017, 10, 10, 23, 4, 7] [2026, 3, 5, 19, 12, 9]
        "A policy to allow AWS Organizations to share trust with other approved AWS Services for the purpose of simplifying customer configuration.";
    "AWSWAFFullAccess" "/" "ANPAPF5DNDYJ7ETM2MYO6" "v17"
        [2015, 10, 6, 20, 44, 0] [2026, 7, 28, 21, 42, 26]
        "Provides full access to AWS WAF actions.";
    "AWSWAFReadOnlyAccess" "/" "ANPAY6L2VORM47IDJ7CDK" "v13"
        [2015, 10, 6, 20, 43, 45] [2026, 7, 1, 4, 27, 31]
        "Provides read only access to AWS WAF actions.";
    "AccessAnalyzerServiceRolePolicy" "/aws-service-role/" "ANPAWQ6OQLBIN46VWSGOT" "v23"
        [2019, 12, 2, 17, 13, 10] [2026, 2, 12, 17, 59, 49]
        "Allow Access Analyzer to analyze resource metadata";
    "AdministratorAccess" "/" "ANPAIWMBCKSKIEE64ZLYK" "v1"
        [2015, 2, 6, 18, 39, 46] [2015, 2, 6, 18, 39, 46]
        "Provides full access to AWS services and resources.";
    "AmazonDynamoDBFullAccess" "/" "ANPAINUGF2JSOSUY76KYA" "v15"
        [2015, 2, 6, 18, 40, 11] [2021, 1, 29, 17, 38, 30]
        "Provides full access to Amazon DynamoDB via the AWS Management Console.";
    "AmazonDynamoDBFullAccess_v2" "/" "ANPAOH3XRQVBEW2EZS7Q4" "v3"
        [2025, 5, 22, 14, 52, 6] [2026, 2, 12, 18, 2, 57]
        "Provides full access to Amazon DynamoDB";
    "AmazonDynamoDBReadOnlyAccess" "/" "ANPAIY2XFNA232XJ6J7X2" "v15"
        [2015, 2, 6, 18, 40, 12] [2024, 11, 18, 17, 38, 15]
        "Provides read only access to Amazon DynamoDB via the AWS Management Console.";
    "AmazonEC2FullAccess" "/" "ANPAI3VAJF5ZCRZ7MCQE6" "v5"
        [2015, 2, 6, 18, 40, 15] [2018, 11, 27, 2, 16, 56]
        "Provides full access to Amazon EC2 via the AWS Management Console.";
    "AmazonEC2ReadOnlyAccess" "/" "ANPAIGDT4SV4GSETWTBZK" "v5"
        [2015, 2, 6, 18, 40, 17] [2026, 2, 12, 18, 3, 17]
        "Provides read only access to Amazon EC2 via the AWS Management Console.";
    "AmazonEventBridgeApiDestinationsServiceRolePolicy" "/aws-service-role/" "ANPAZKAPJZG4DQWN5TRXC" "v3"
        [2021, 2, 11, 20, 52, 5] [2025, 5, 29, 21, 22, 0]
        "Allows EventBridge to access Secret Manager resources on your behalf.";
    "AmazonEventBridgeFullAccess" "/" "ANPAZKAPJZG4BUM4GCASI" "v7"
        [2019, 7, 11, 14, 8, 55] [2026, 2, 12, 17, 58, 25]
        "Provides full access to Amazon EventBridge.";
    "AmazonEventBridgeReadOnlyAccess" "/" "ANPAJYRFNDVV2D4TIO2FU" "v6"
        [2019, 7, 11, 13, 59, 7] [2022, 12, 1, 17, 2, 48]
        "Provides read only access to Amazon EventBridge.";
    "AmazonGuardDutyFullAccess_v2" "/" "ANPA7KTN3F3FI5FOBHPTI" "v6"
        [2025, 6, 4, 20, 22, 7] [2026, 2, 12, 17, 59, 55]
        "Provides full access to use Amazon GuardDuty";
    "AmazonGuardDutyReadOnlyAccess" "/" "ANPAODP6JH7EQ37TAK7NB" "v4"
        [2017, 11, 28, 22, 29, 40] [2023, 11, 16, 23, 7, 6]
        "Provides read only access to Amazon GuardDuty resources";
    "AmazonInspector2FullAccess" "/" "ANPAGGT5DD3YW7URUHVPL" "v4"
        [2021, 11, 29, 19, 10, 15] [2024, 4, 25, 13, 21, 3]
        "Provides full access to Amazon Inspector and access to other related services such as organizations.";
    "AmazonMacieFullAccess" "/" "ANPAFCAFRFXA27VWJ7MCU" "v5"
        [2017, 8, 14, 14, 54, 30] [2022, 7, 1, 0, 41, 53]
        "Provides full access to Amazon Macie.";
    "AmazonS3FullAccess" "/" "ANPAIFIR6V6BVTRAHWINE" "v2"
        [2015, 2, 6, 18, 40, 58] [2021, 9, 27, 20, 16, 37]
        "Provides full access to all buckets via the AWS Management Console.";
    "AmazonS3ReadOnlyAccess" "/" "ANPAIZTJ4DXE7G6AGAE6M" "v3"
        [2015, 2, 6, 18, 40, 59] [2023, 8, 10, 21, 31, 39]
        "Provides read only access to all buckets via the AWS Management Console.";
    "AmazonSSMFullAccess" "/" "ANPAJA7V6HI4ISQFMDYAG" "v4"
        [2015, 5, 29, 17, 39, 47] [2019, 11, 20, 20, 8, 56]
        "Provides full access to Amazon SSM.";
    "AmazonSSMManagedInstanceCore" "/" "ANPAIXSHM2BNB2D3AXXRU" "v2"
        [2019, 3, 15, 17, 22, 12] [2019, 5, 23, 16, 54, 21]
        "The policy for Amazon EC2 Role to enable AWS Systems Manager service core functionality.";
    "AmazonSSMReadOnlyAccess" "/" "ANPAJODSKQGGJTHRYZ5FC" "v1"
        [2015, 5, 29, 17, 44, 19] [2015, 5, 29, 17, 44, 19]
        "Provides read only access to Amazon SSM.";
    "AmazonSSMServiceRolePolicy" "/aws-service-role/" "ANPAPJ22MVSRRIHJHHIUE" "v17"
        [2017, 11, 13, 19, 20, 8] [2026, 6, 26, 19, 12, 18]
        "Provides access to AWS Resources managed or used by Amazon SSM";
    "Billing" "/job-function/" "ANPAHLELXSU2OTH32YTTA" "v30"
        [2016, 11, 10, 17, 33, 18] [2026, 7, 30, 22, 12, 16]
        "Grants permissions for billing and cost management. This includes viewing account usage and viewing and modifying budgets and payment methods.";
    "CloudTrailServiceRolePolicy" "/aws-service-role/" "ANPASMRRGOMETKKLBPE2T" "v3"
        [2018, 10, 24, 21, 21, 44] [2023, 11, 27, 1, 18, 10]
        "Permission policy for CloudTrail ServiceLinkedRole";
    "CloudWatchEventsServiceRolePolicy" "/aws-service-role/" "ANPAC2VNMMZO7WJ5QHGXS" "v1"
        [2017, 11, 17, 0, 42, 4] [2017, 11, 17, 0, 42, 4]
        "Allow AWS CloudWatch to execute actions on your behalf configured through alarms and events.";
    "CloudWatchLogsFullAccess" "/" "ANPAJ3ZGNWK2R5HW5BQFO" "v8"
        [2015, 2, 6, 18, 40, 2] [2026, 2, 12, 18, 0, 33]
        "Provides full access to CloudWatch Logs";
    "CloudWatchLogsReadOnlyAccess" "/" "ANPAJ2YIYDYSNNEHK3VKW" "v12"
        [2015, 2, 6, 18, 40, 3] [2026, 2, 12, 17, 59, 13]
        "Provides read only access to CloudWatch Logs";
    "DatabaseAdministrator" "/job-function/" "ANPAECQKZHVFQKTYEZQFZ" "v5"
        [2016, 11, 10, 17, 25, 43] [2026, 2, 12, 18, 2, 20]
        "Grants full access permissions to AWS services and actions required to set up and configure AWS database services.";
    "IAMAuditRootUserCredentials" "/root-task/" "ANPAZKAPJZG4BDSCREYVS" "v1"
        [2024, 11, 6, 22, 27, 58] [2024, 11, 6, 22, 27, 58]
        "Provides access required to check the presence of root user credentials such as root user password and root user access keys using the Security Token Service (STS) AssumeRoot API. Use this managed policy only with the STS AssumeRoot action.";
    "IAMCreateRootUserPassword" "/root-task/" "ANPAZKAPJZG4OEGTN7YT5" "v1"
        [2024, 11, 6, 22, 32, 59] [2024, 11, 6, 22, 32, 59]
        "Provides access required to create a root user password using the Security Token Service (STS) AssumeRoot API.  Use this managed policy only with the STS AssumeRoot action.";
    "IAMDeleteRootUserCredentials" "/root-task/" "ANPAZKAPJZG4CX73XKORQ" "v1"
        [2024, 11, 6, 22, 47, 58] [2024, 11, 6, 22, 47, 58]
        "Provides access required to delete all root user credentials such as root password and root access keys using the Security Token Service (STS) AssumeRoot API.  Use this managed policy only with the STS AssumeRoot action.";
    "IAMFullAccess" "/" "ANPAI7XKCFMBPM3QQRRVQ" "v2"
        [2015, 2, 6, 18, 40, 38] [2019, 6, 21, 19, 40, 0]
        "Provides full access to IAM via the AWS Management Console.";
    "IAMReadOnlyAccess" "/" "ANPALX6RHJC5OXFALFNF6" "v4"
        [2015, 2, 6, 18, 40, 39] [2018, 1, 25, 19, 11, 27]
        "Provides read only access to IAM via the AWS Management Console.";
    "IAMUserChangePassword" "/" "ANPAJ4L4MM2A7QIEB56MS" "v5"
        [2016, 11, 15, 0, 25, 16] [2026, 2, 12, 17, 58, 57]
        "Provides the ability for an IAM user to change their own password.";
    "IAMUserSSHKeys" "/" "ANPAJTSHUA4UXGXU7ANUA" "v1"
        [2015, 7, 9, 17, 8, 54] [2015, 7, 9, 17, 8, 54]
        "Provides the ability for an IAM user to manage their own SSH keys.";
    "NetworkAdministrator" "/job-function/" "ANPATDF2TTDITL7PISGGU" "v16"
        [2016, 11, 10, 17, 31, 35] [2026, 7, 9, 14, 42, 15]
        "Grants full access permissions to AWS services and actions required to set up and configure AWS network resources.";
    "PowerUserAccess" "/" "ANPAJYRXTHIB4FOVS3ZXS" "v12"
        [2015, 2, 6, 18, 39, 47] [2026, 2, 12, 17, 59, 14]
        "Provides full access to AWS services and resources, but does not allow management of Users and groups.";
    "ReadOnlyAccess" "/" "ANPAILL3HVNFSB6DCOWYQ" "v188"
        [2015, 2, 6, 18, 39, 48] [2026, 7, 21, 18, 42, 30]
        "Provides read-only access to AWS services and resources.";
    "S3UnlockBucketPolicy" "/root-task/" "ANPAZKAPJZG4OALTIPZOF" "v1"
        [2024, 11, 6, 21, 55, 56] [2024, 11, 6, 21, 55, 56]
        "Provides access required to unlock a S3 bucket policy using the Security Token Service (STS) AssumeRoot API. Use this managed policy only with the STS AssumeRoot action.";
    "SQSUnlockQueuePolicy" "/root-task/" "ANPAZKAPJZG4HPZI4FDUV" "v1"
        [2024, 11, 6, 21, 51, 2] [2024, 11, 6, 21, 51, 2]
        "Provides access required to unlock a SQS queue policy using the Security Token Service (STS) AssumeRoot API. Use this managed policy only with the STS AssumeRoot action.";
    "SecretsManagerReadWrite" "/" "ANPAI3VG7CI5BIQZQ6G2E" "v6"
        [2018, 4, 4, 18, 5, 29] [2026, 8, 25, 23, 37, 10]
        "Provides read/write access to AWS Secrets Manager via the AWS Management Console. Note: this exludes IAM actions, so combine with IAMFullAccess if rotation configuration is required.";
    "SecurityAudit" "/" "ANPAIX2T3QCXHR2OGGCTO" "v92"
        [2015, 2, 6, 18, 41, 1] [2026, 8, 17, 15, 27, 26]
        "The security audit template grants access to read security configuration metadata. It is useful for software that audits the configuration of an AWS account.";
    "SystemAdministrator" "/job-function/" "ANPAURNK53CVJTEGSQY64" "v12"
        [2016, 11, 10, 17, 23, 56] [2026, 2, 12, 18, 2, 37]
        "Grants full access permissions necessary for resources required for application and development operations.";
    "ViewOnlyAccess" "/job-function/" "ANPAID22R6XPJATWOFDK6" "v45"
        [2016, 11, 10, 17, 20, 15] [2026, 4, 22, 18, 12, 21]
        "This policy grants permissions to view resources and basic metadata across all AWS services.";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_counted_as_elsewhere() {
        for (parts, text) in [
            ([1970, 1, 1, 0, 0, 0], "1970-01-01T00:00:00Z"),
            ([2000, 2, 29, 23, 59, 59], "2000-02-29T23:59:59Z"),
            ([2015, 2, 6, 18, 39, 46], "2015-02-06T18:39:46Z"),
            ([2024, 12, 31, 0, 0, 1], "2024-12-31T00:00:01Z"),
            ([2025, 3, 1, 12, 0, 0], "2025-03-01T12:00:00Z"),
        ] {
            assert_eq!(Timestamp::parse_iso8601(text), Some(at(parts)), "{text}");
        }
    }
}
