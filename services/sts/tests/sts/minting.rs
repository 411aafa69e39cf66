//! S7: whatever chain of calls a caller makes, no session reaches what none of its own could.

use platform::testing::Harness;
use proptest::prelude::*;

use crate::house::{ALLOW_ALL, ASSUME, allow, house, probes, sts, trust};

const ROLE: &str = "arn:aws:iam::111122223333:role/chain";
const LISTS: &str = "&Policy=%7B%22Version%22%3A%222012-10-17%22%2C%22Statement%22%3A%7B%22Effect%22%3A%22Allow%22%2C%22Action%22%3A%22%2A%22%2C%22Resource%22%3A%22%2A%22%7D%7D";
const NOTHING: &str = "&Policy=%7B%22Version%22%3A%222012-10-17%22%2C%22Statement%22%3A%7B%22Effect%22%3A%22Allow%22%2C%22Action%22%3A%22sts%3A%2A%22%2C%22Resource%22%3A%22%2A%22%7D%7D";

/// One step of a chain.
#[derive(Clone, Copy, Debug)]
enum Step {
    Session,
    Federation(bool),
    Role(bool),
}

impl Step {
    /// The form, with session policies that take `kms` away or not.
    fn form(self) -> String {
        let policy = |limited: bool| if limited { NOTHING } else { LISTS };
        match self {
            Self::Session => "Action=GetSessionToken".to_owned(),
            Self::Federation(limited) => {
                format!("Action=GetFederationToken&Name=bob{}", policy(limited))
            }
            Self::Role(limited) => {
                format!(
                    "Action=AssumeRole&RoleArn={ROLE}&RoleSessionName=s1{}",
                    policy(limited)
                )
            }
        }
    }
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        Just(Step::Session),
        any::<bool>().prop_map(Step::Federation),
        any::<bool>().prop_map(Step::Role),
    ];
    prop::collection::vec(step, 1..5)
}

/// The role may do only what STS needs, or everything.
async fn chain(house: &Harness, steps: &[Step], strong: bool) -> (bool, usize) {
    let weak = allow("sts:*", "*");
    let policy = if strong { ALLOW_ALL } else { &weak };
    house
        .identities
        .role(ROLE, &trust("*", ASSUME, ""), &[policy]);
    let mut who = "weak".to_owned();
    let mut made = 0;
    for (index, step) in steps.iter().enumerate() {
        let answer = sts(house, &who, &step.form()).await;
        if answer.status == 200 {
            who = format!("step-{index}");
            house.session(&who, &answer);
            made += 1;
        }
    }
    (probes(house, &who).await.is_ok(), made)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn sec_s7_no_chain_of_sessions_gains_anything(steps in steps(), strong: bool) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        let (reached, made) = runtime.block_on(async {
            let house = house().await;
            house.user("weak", &[&allow("sts:*", "*")]);
            chain(&house, &steps, strong).await
        });
        prop_assert!(made > 0, "{steps:?}");
        // Only the last role that was assumed counts, and only without a policy that takes it away.
        let last = steps.iter().rev().find(|step| matches!(step, Step::Role(_)));
        let may = strong && matches!(last, Some(Step::Role(false)));
        prop_assert!(!reached || may, "{steps:?} strong: {strong}");
    }
}
