//! Second factors: their devices, their codes, and that a code counts once.

use crate::house::device::Device;
use crate::house::{ACCOUNT, House, Login, NOW, encoded, xml};
use platform::{Caller, CallerKind, Identities, MfaCode};
use service_iam::IdentityDirectory;
use wire::{Timestamp, pem};

const PHONE: &str = "arn:aws:iam::111122223333:mfa/phone";

fn serial(action: &str, rest: &str) -> String {
    format!("Action={action}&SerialNumber={}{rest}", encoded(PHONE))
}

async fn caller(house: &House, login: &Login) -> Caller {
    let who = house.whoami(login).await;
    let arn = who.xml("Arn");
    let kind = match arn.rsplit_once('/') {
        Some((_, name)) => CallerKind::User {
            name: name.to_owned(),
        },
        None => CallerKind::Root,
    };
    Caller {
        account: ACCOUNT.to_owned(),
        user_id: who.xml("UserId"),
        arn,
        kind,
        access_key_id: login.id.clone(),
        session: None,
    }
}

/// Whether a code is accepted at so many steps from the start of the tests.
async fn verify(house: &House, caller: &Caller, code: &str, step: i64) -> bool {
    let directory = IdentityDirectory::new(house.keyring.clone());
    let now = Timestamp {
        millis: NOW.millis + step * 30_000,
    };
    let mut txn = house.store.begin();
    let device = MfaCode {
        serial: PHONE,
        code,
        now,
    };
    let accepted = directory.verify_mfa(&mut txn, caller, device).await;
    house.store.commit(txn, None).await.unwrap();
    accepted.unwrap_or_else(|_| unreachable!("a failure inside"))
}

#[tokio::test]
async fn a_device_goes_from_seed_to_user_and_back() {
    let (house, root) = House::new().await;
    house.user(&root, "alice").await;
    let form = "Action=CreateVirtualMFADevice&VirtualMFADeviceName=tablet&Path=/x/&Tags.member.1.Key=a&Tags.member.1.Value=1";
    let made = house.ok(&root, form).await;
    assert_eq!(
        made.xml("SerialNumber"),
        "arn:aws:iam::111122223333:mfa/x/tablet"
    );
    assert_eq!(made.xml("Key"), "a");
    let image = pem::decoded(&made.xml("QRCodePNG")).unwrap();
    assert!(image.starts_with(b"\x89PNG\r\n\x1a\n"));
    assert_eq!(
        pem::decoded(&made.xml("Base32StringSeed")).unwrap().len(),
        64
    );
    let exists = "MFA device already exists.";
    house
        .iam(&root, form)
        .await
        .refused(409, "EntityAlreadyExists", exists);

    let phone = Device::create(&house, &root, "phone").await;
    house
        .ok(&root, &phone.form("EnableMFADevice", "alice", PHONE, -1))
        .await;
    let again = house
        .iam(&root, &phone.form("EnableMFADevice", "alice", PHONE, 1))
        .await;
    again.refused(409, "EntityAlreadyExists", "MFA Device is already in use.");

    let listed = house
        .ok(&root, "Action=ListMFADevices&UserName=alice")
        .await;
    let got = house
        .ok(&root, &serial("GetMFADevice", "&UserName=alice"))
        .await;
    for answer in [listed, got] {
        assert_eq!(answer.xml("UserName"), "alice");
        assert_eq!(answer.xml("SerialNumber"), PHONE);
        assert_eq!(answer.xml("EnableDate"), "2026-01-01T00:00:00Z");
    }
    for (status, count) in [("Assigned", 1), ("Unassigned", 1), ("Any", 2)] {
        let form = format!("Action=ListVirtualMFADevices&AssignmentStatus={status}");
        let listed = house.ok(&root, &form).await;
        assert_eq!(xml(&listed.text, "SerialNumber").len(), count, "{status}");
        assert!(!listed.text.contains("Seed") && !listed.text.contains("<Tags>"));
    }
    let listed = house
        .ok(
            &root,
            "Action=ListVirtualMFADevices&AssignmentStatus=Assigned",
        )
        .await;
    assert_eq!(listed.xml("Arn"), "arn:aws:iam::111122223333:user/alice");

    let used = "MFA VirtualDevice in use. Must deactivate first.";
    let delete = serial("DeleteVirtualMFADevice", "");
    house
        .iam(&root, &delete)
        .await
        .refused(409, "DeleteConflict", used);
    let keys = house
        .ok(&root, "Action=ListAccessKeys&UserName=alice")
        .await
        .xml("AccessKeyId");
    house
        .ok(
            &root,
            &format!("Action=DeleteAccessKey&UserName=alice&AccessKeyId={keys}"),
        )
        .await;
    let conflict = "Cannot delete entity, must delete MFA device first.";
    let user = house.iam(&root, "Action=DeleteUser&UserName=alice").await;
    user.refused(409, "DeleteConflict", conflict);
    let off = serial("DeactivateMFADevice", "&UserName=alice");
    house.ok(&root, &off).await;
    let invalid = "MFA Device invalid for user.";
    house
        .iam(&root, &off)
        .await
        .refused(404, "NoSuchEntity", invalid);
    house.ok(&root, &delete).await;
    let absent = format!("MFA Device with serial number {PHONE} does not exist.");
    house
        .iam(&root, &delete)
        .await
        .refused(404, "NoSuchEntity", &absent);
    let gone = house.iam(&root, &off).await;
    gone.refused(404, "NoSuchEntity", &absent);
    let lost = "Action=ListVirtualMFADevices&Marker=elsewhere";
    let lost = house.iam(&root, lost).await;
    lost.refused(400, "ValidationError", "Invalid Marker.");
    let enable = phone.form("EnableMFADevice", "alice", PHONE, 3);
    house
        .iam(&root, &enable)
        .await
        .refused(404, "NoSuchEntity", &absent);
    house.ok(&root, "Action=DeleteUser&UserName=alice").await;
}

#[tokio::test]
async fn a_code_counts_once_and_only_for_its_user() {
    let (house, root) = House::new().await;
    let (alice, bob) = (
        house.user(&root, "alice").await,
        house.user(&root, "bob").await,
    );
    let (alice, bob) = (caller(&house, &alice).await, caller(&house, &bob).await);
    let phone = Device::create(&house, &root, "phone").await;
    assert!(
        !verify(&house, &alice, &phone.code(0), 0).await,
        "not enabled"
    );
    house
        .ok(&root, &phone.form("EnableMFADevice", "alice", PHONE, -1))
        .await;

    assert!(
        !verify(&house, &alice, &phone.code(0), 0).await,
        "used to enable"
    );
    assert!(
        !verify(&house, &bob, &phone.code(2), 2).await,
        "another user"
    );
    assert!(!verify(&house, &alice, &phone.code(9), 2).await, "not yet");
    assert!(!verify(&house, &alice, "", 2).await);
    assert!(verify(&house, &alice, &phone.code(2), 2).await);
    assert!(!verify(&house, &alice, &phone.code(2), 2).await, "replayed");
    assert!(
        !verify(&house, &alice, &phone.code(1), 2).await,
        "older than the last one"
    );
    assert!(
        verify(&house, &alice, &phone.code(5), 6).await,
        "a step late"
    );
    assert!(
        !verify(&house, &alice, &phone.code(7), 9).await,
        "two steps late"
    );

    house
        .ok(&root, &serial("DeactivateMFADevice", "&UserName=alice"))
        .await;
    assert!(
        !verify(&house, &alice, &phone.code(20), 20).await,
        "deactivated"
    );
}

#[tokio::test]
async fn sec_s4_codes_cannot_be_guessed_one_after_another() {
    let (house, root) = House::new().await;
    let alice = house.user(&root, "alice").await;
    let alice = caller(&house, &alice).await;
    let phone = Device::create(&house, &root, "phone").await;
    house
        .ok(&root, &phone.form("EnableMFADevice", "alice", PHONE, -1))
        .await;
    let directory = IdentityDirectory::new(house.keyring.clone());
    let verify = async |code: &str, step: i64| {
        let now = Timestamp {
            millis: NOW.millis + step * 30_000,
        };
        let serial = PHONE;
        let device = MfaCode { serial, code, now };
        let mut txn = house.store.begin();
        let accepted = directory.verify_mfa(&mut txn, &alice, device).await;
        house.store.commit(txn, None).await.unwrap();
        accepted.unwrap_or_else(|_| unreachable!("a failure inside"))
    };
    let hour = 120;
    for _ in 0..9 {
        assert!(!verify("000000", 2).await);
    }
    assert!(verify(&phone.code(3), 3).await, "nine may be mistakes");
    for _ in 0..10 {
        assert!(!verify("000000", 4).await);
    }
    assert!(!verify(&phone.code(5), 5).await, "ten are an attack");
    assert!(!verify(&phone.code(3 + hour), 3 + hour).await);
    assert!(verify(&phone.code(4 + hour), 4 + hour).await);
}

#[tokio::test]
async fn of_two_calls_with_one_code_one_succeeds() {
    let (house, root) = House::new().await;
    let alice = house.user(&root, "alice").await;
    let alice = caller(&house, &alice).await;
    let phone = Device::create(&house, &root, "phone").await;
    house
        .ok(&root, &phone.form("EnableMFADevice", "alice", PHONE, -1))
        .await;
    let directory = IdentityDirectory::new(house.keyring.clone());
    let (mut one, mut two) = (house.store.begin(), house.store.begin());
    let code = phone.code(2);
    let now = Timestamp {
        millis: NOW.millis + 60_000,
    };
    let device = MfaCode {
        serial: PHONE,
        code: &code,
        now,
    };
    assert!(matches!(
        directory.verify_mfa(&mut one, &alice, device).await,
        Ok(true)
    ));
    assert!(matches!(
        directory.verify_mfa(&mut two, &alice, device).await,
        Ok(true)
    ));
    assert!(house.store.commit(one, None).await.is_ok());
    assert!(house.store.commit(two, None).await.is_err());
}

#[tokio::test]
async fn wrong_codes_enable_nothing_and_a_slow_clock_is_learnt() {
    let (house, root) = House::new().await;
    let alice = house.user(&root, "alice").await;
    let alice = caller(&house, &alice).await;
    let phone = Device::create(&house, &root, "phone").await;
    let wrong = "Authentication code for device is not valid.";
    let reversed = phone
        .form("EnableMFADevice", "alice", PHONE, 0)
        .replace("Code1", "Code3")
        .replace("Code2", "Code1")
        .replace("Code3", "Code2");
    let far = phone.form("EnableMFADevice", "alice", PHONE, -100);
    for form in [reversed, far] {
        house
            .iam(&root, &form)
            .await
            .refused(403, "InvalidAuthenticationCode", wrong);
    }
    house
        .ok(&root, &phone.form("EnableMFADevice", "alice", PHONE, -1))
        .await;
    // Its clock is 500 steps ahead from now on.
    assert!(!verify(&house, &alice, &phone.code(502), 2).await);
    house
        .ok(&root, &phone.form("ResyncMFADevice", "alice", PHONE, 499))
        .await;
    assert!(verify(&house, &alice, &phone.code(502), 2).await);
    assert!(!verify(&house, &alice, &phone.code(3), 3).await);
    let far = phone.form("ResyncMFADevice", "alice", PHONE, 9000);
    house
        .iam(&root, &far)
        .await
        .refused(403, "InvalidAuthenticationCode", wrong);
}

#[tokio::test]
async fn a_user_has_eight_devices_at_most() {
    let (house, root) = House::new().await;
    house.user(&root, "alice").await;
    for index in 0..9 {
        let name = format!("d{index}");
        let device = Device::create(&house, &root, &name).await;
        let form = device.form(
            "EnableMFADevice",
            "alice",
            &format!("arn:aws:iam::{ACCOUNT}:mfa/{name}"),
            -1,
        );
        let answer = house.iam(&root, &form).await;
        match index {
            8 => answer.refused(
                409,
                "LimitExceeded",
                "Cannot exceed quota for MFADevicesPerUser: 8",
            ),
            _ => assert_eq!(answer.status, 200, "{}", answer.text),
        }
    }
    let page = house
        .ok(&root, "Action=ListMFADevices&UserName=alice&MaxItems=5")
        .await;
    let marker = encoded(&page.xml("Marker"));
    let rest = house
        .ok(
            &root,
            &format!("Action=ListMFADevices&UserName=alice&Marker={marker}"),
        )
        .await;
    let count = |text: &str| xml(text, "SerialNumber").len();
    assert_eq!((count(&page.text), count(&rest.text)), (5, 3));
}

#[tokio::test]
async fn the_root_user_has_devices_too() {
    let (house, root) = House::new().await;
    let phone = Device::create(&house, &root, "phone").await;
    house
        .ok(&root, &phone.form("EnableMFADevice", ACCOUNT, PHONE, -1))
        .await;
    let caller = caller(&house, &root).await;
    assert!(verify(&house, &caller, &phone.code(2), 2).await);
    let listed = house.ok(&root, "Action=ListMFADevices").await;
    assert_eq!(
        (listed.xml("SerialNumber"), listed.xml("UserName")),
        (PHONE.into(), String::new())
    );
    let listed = house.ok(&root, "Action=ListVirtualMFADevices").await;
    assert_eq!(listed.xml("Arn"), "arn:aws:iam::111122223333:root");
    house.ok(&root, &serial("DeactivateMFADevice", "")).await;
    assert!(!verify(&house, &caller, &phone.code(5), 5).await);
    let tag = serial(
        "TagMFADevice",
        "&Tags.member.1.Key=Team&Tags.member.1.Value=red",
    );
    house.ok(&root, &tag).await;
    let tags = house.ok(&root, &serial("ListMFADeviceTags", "")).await;
    assert_eq!(
        (tags.xml("Key"), tags.xml("Value")),
        ("Team".into(), "red".into())
    );
    house
        .ok(&root, &serial("UntagMFADevice", "&TagKeys.member.1=TEAM"))
        .await;
    let tags = house.ok(&root, &serial("ListMFADeviceTags", "")).await;
    assert_eq!(tags.xml("Key"), "");
}
