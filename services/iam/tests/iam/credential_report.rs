//! The report on the credentials of an account.

use crate::house::device::Device;
use crate::house::{ACCOUNT, Answer, House, Login, encoded, policy, put_policy};
use wire::pem;

const LEAF: &str = include_str!("../certificates/leaf.pem");
const EC: &str = include_str!("../certificates/ec.pem");

fn content(answer: &Answer) -> String {
    let text = pem::decoded(&answer.xml("Content")).unwrap();
    String::from_utf8(text.to_vec()).unwrap()
}

async fn report(house: &House, root: &Login) -> Vec<String> {
    let answer = house.ok(root, "Action=GetCredentialReport").await;
    assert_eq!(answer.xml("ReportFormat"), "text/csv");
    content(&answer).lines().map(str::to_owned).collect()
}

#[tokio::test]
async fn the_credential_report_has_the_columns_and_words_of_aws() {
    let (house, root) = House::new().await;
    let absent = house.iam(&root, "Action=GetCredentialReport").await;
    assert_eq!(
        (absent.status, absent.code),
        (410, Some("ReportNotPresent"))
    );

    let alice = house.user(&root, "alice").await;
    house
        .ok(&root, "Action=CreateUser&UserName=a,b&Path=/x/")
        .await;
    house
        .ok(
            &root,
            &put_policy("alice", "p", &policy("Allow", "iam:GetUser", "*")),
        )
        .await;
    house.clock.advance(60);
    house.ok(&alice, "Action=GetUser").await;
    let second = house.key(&root, "alice").await;
    let inactive = format!(
        "Action=UpdateAccessKey&UserName=alice&AccessKeyId={}&Status=Inactive",
        second.id
    );
    house.clock.advance(60);
    house.ok(&root, &inactive).await;
    house.clock.advance(60);
    house.ok(&root, &inactive).await;

    let answer = house.ok(&root, "Action=GenerateCredentialReport").await;
    assert_eq!(answer.xml("State"), "STARTED");
    assert_eq!(
        answer.xml("Description"),
        "No report exists. Starting a new report generation task"
    );
    let lines = report(&house, &root).await;
    let columns: Vec<&str> = lines[0].split(',').collect();
    assert_eq!(columns.len(), 22);
    assert_eq!((columns[0], columns[21]), ("user", "cert_2_last_rotated"));
    let (start, later) = ("2026-01-01T00:00:00+00:00", "2026-01-01T00:01:00+00:00");
    let (changed, end) = ("2026-01-01T00:02:00+00:00", "2026-01-01T00:03:00+00:00");
    let root_line = format!(
        "<root_account>,arn:aws:iam::{ACCOUNT}:root,{start},false,N/A,\
         not_supported,not_supported,false,true,{start},{end},us-east-1,iam,false,N/A,N/A,N/A,N/A,\
         false,N/A,false,N/A"
    );
    let alice_line = format!(
        "alice,arn:aws:iam::{ACCOUNT}:user/alice,{start},false,N/A,N/A,N/A,false,true,{start},{later},\
         us-east-1,iam,false,{changed},N/A,N/A,N/A,false,N/A,false,N/A"
    );
    let other = format!(
        "\"a,b\",\"arn:aws:iam::{ACCOUNT}:user/x/a,b\",{start},false,N/A,N/A,N/A,false,false,N/A,N/A,N/A,\
         N/A,false,N/A,N/A,N/A,N/A,false,N/A,false,N/A"
    );
    assert_eq!(lines[1..], [root_line, other, alice_line]);
}

#[tokio::test]
async fn a_credential_report_counts_for_four_hours() {
    let (house, root) = House::new().await;
    house.ok(&root, "Action=GenerateCredentialReport").await;
    let first = house
        .ok(&root, "Action=GetCredentialReport")
        .await
        .xml("GeneratedTime");
    house.ok(&root, "Action=CreateUser&UserName=late").await;
    house.clock.advance(4 * 3600 - 1);
    let answer = house.ok(&root, "Action=GenerateCredentialReport").await;
    assert_eq!(answer.xml("State"), "COMPLETE");
    let again = house.ok(&root, "Action=GetCredentialReport").await;
    assert_eq!(again.xml("GeneratedTime"), first);
    assert!(!content(&again).contains("late"));
    house.clock.advance(1);
    let expired = house.iam(&root, "Action=GetCredentialReport").await;
    assert_eq!((expired.status, expired.code), (410, Some("ReportExpired")));
    let answer = house.ok(&root, "Action=GenerateCredentialReport").await;
    assert_eq!(answer.xml("State"), "STARTED");
    assert!(
        report(&house, &root)
            .await
            .iter()
            .any(|line| line.starts_with("late,"))
    );
}

/// A user with two passwords in turn, two factors, and two certificates, one of them inactive.
async fn equipped(house: &House, root: &Login) {
    house.ok(root, "Action=CreateUser&UserName=alice").await;
    let password = "&UserName=alice&Password=correct%20Horse%201";
    house
        .ok(root, &format!("Action=CreateLoginProfile{password}"))
        .await;
    let phone = Device::create(house, root, "phone").await;
    let serial = format!("arn:aws:iam::{ACCOUNT}:mfa/phone");
    house
        .ok(root, &phone.form("EnableMFADevice", "alice", &serial, -1))
        .await;
    for body in [LEAF, EC] {
        let form = "Action=UploadSigningCertificate&UserName=alice&CertificateBody=";
        house.ok(root, &format!("{form}{}", encoded(body))).await;
    }
}

#[tokio::test]
async fn the_credential_report_tells_of_passwords_factors_and_certificates() {
    let (house, root) = House::new().await;
    equipped(&house, &root).await;
    house.ok(&root, "Action=GenerateCredentialReport").await;
    let start = "2026-01-01T00:00:00+00:00";
    let line = |password: &str, mfa: bool, certificates: &str| {
        format!(
            "alice,arn:aws:iam::{ACCOUNT}:user/alice,{start},{password},{mfa},false,N/A,N/A,N/A,N/A,\
             false,N/A,N/A,N/A,N/A,{certificates}"
        )
    };
    assert_eq!(
        report(&house, &root).await[2],
        line(
            &format!("true,no_information,{start},N/A"),
            true,
            &format!("true,{start},true,{start}")
        )
    );

    // A status that is set to what it is does not change.
    house.clock.advance(4 * 3600);
    let listed = house
        .ok(&root, "Action=ListSigningCertificates&UserName=alice")
        .await;
    let second = listed
        .text
        .split("<member>")
        .find(|part| part.contains(EC.trim()));
    let second = crate::house::one(second.unwrap(), "CertificateId");
    for (id, status) in crate::house::xml(&listed.text, "CertificateId")
        .iter()
        .map(|id| {
            let status = if *id == second { "Inactive" } else { "Active" };
            (id, status)
        })
    {
        let form = "Action=UpdateSigningCertificate&UserName=alice";
        house
            .ok(&root, &format!("{form}&CertificateId={id}&Status={status}"))
            .await;
    }
    let update = "Action=UpdateLoginProfile&UserName=alice&Password=correct%20Horse%202";
    house.ok(&root, update).await;
    let policy = "Action=UpdateAccountPasswordPolicy&MaxPasswordAge=90";
    house.ok(&root, policy).await;
    let serial = encoded(&format!("arn:aws:iam::{ACCOUNT}:mfa/phone"));
    let off = format!("Action=DeactivateMFADevice&UserName=alice&SerialNumber={serial}");
    house.ok(&root, &off).await;
    house.ok(&root, "Action=GenerateCredentialReport").await;
    let later = "2026-01-01T04:00:00+00:00";
    assert_eq!(
        report(&house, &root).await[2],
        line(
            &format!("true,no_information,{later},2026-04-01T04:00:00+00:00"),
            false,
            &format!("true,{start},false,{later}")
        )
    );
}
