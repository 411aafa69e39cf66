//! A closed account: nobody of it can call, and nobody reaches what it owns.

use serde_json::json;

use crate::organizations::house::{ALLOW_ALL, House, MANAGEMENT};

#[tokio::test]
async fn sec_i14_a_closed_account_is_dead_at_once() {
    let (house, admin) = House::with_organization().await;
    let (account, role) = house.member(&admin, "one").await;
    let user = house.user(&role, "user", ALLOW_ALL).await;
    let root_user = house.root_of(&admin, &account).await;
    let policy = format!(
        r#"{{"Version":"2012-10-17","Statement":[
        {{"Effect":"Allow","Principal":{{"AWS":"arn:aws:iam::{account}:root"}},"Action":"kms:*","Resource":"*"}},
        {{"Effect":"Allow","Principal":{{"AWS":"arn:aws:iam::{MANAGEMENT}:root"}},"Action":"kms:*","Resource":"*"}}]}}"#
    );
    let key = house.key(&role, Some(policy)).await;
    let encrypt = json!({ "KeyId": key, "Plaintext": "eA==" });
    for who in [&role, &user, &root_user, &admin] {
        assert_eq!(house.kms(who, "Encrypt", encrypt.clone()).await.status, 200);
    }

    let one = json!({ "AccountId": account });
    house.done(&admin, "CloseAccount", one.clone()).await;
    for who in [&role, &user, &root_user] {
        let answer = house.kms(who, "Encrypt", encrypt.clone()).await;
        assert_eq!(answer.error(), "UnrecognizedClientException");
    }
    // Exactly as a key that does not exist.
    let absent = key.replace(&key[key.len() - 4..], "0000");
    let mut answers = Vec::new();
    for key in [&key, &absent] {
        let input = json!({ "KeyId": key, "Plaintext": "eA==" });
        let answer = house.kms(&admin, "Encrypt", input).await;
        assert_eq!(answer.error(), "AccessDeniedException");
        answers.push(answer.text.replace(key.as_str(), "the key"));
    }
    assert_eq!(answers.first(), answers.last());
    assert_eq!(house.assume(&admin, &account).await.error(), "AccessDenied");

    let shown = house.done(&admin, "DescribeAccount", one.clone()).await;
    let shown = &shown["Account"];
    assert_eq!(
        (&shown["Status"], &shown["State"]),
        (&json!("SUSPENDED"), &json!("CLOSED"))
    );
    let code = "AccountAlreadyClosedException";
    house
        .refused(&admin, "CloseAccount", one.clone(), code)
        .await;
    let code = "ConstraintViolationException MEMBER_ACCOUNT_PAYMENT_INSTRUMENT_REQUIRED";
    house
        .refused(&admin, "RemoveAccountFromOrganization", one, code)
        .await;
    let own = json!({ "AccountId": MANAGEMENT });
    let code = "ConstraintViolationException CANNOT_CLOSE_MANAGEMENT_ACCOUNT";
    house.refused(&admin, "CloseAccount", own, code).await;
}
