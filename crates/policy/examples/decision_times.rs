//! What a decision costs: `cargo xtask bench policy`.

use policy::{
    Conditions, Named, Outcome, Policy, PolicyKind, Principal, PrincipalKind, Request, Sources,
    Values, decide,
};
use std::error::Error;
use std::fmt::Write as _;
use std::hint::black_box;
use std::io::Write as _;
use std::time::{Duration, Instant};

const ACCOUNT: &str = "111111111111";
const KEY: &str = "arn:aws:kms:us-east-1:111111111111:key/1234abcd-12ab-34cd-56ef-1234567890ab";
/// Characters of a managed policy.
const MANAGED: usize = 6_144;

fn main() -> Result<(), Box<dyn Error>> {
    let mut output = std::io::stdout().lock();
    writeln!(output, "| decision | median | worst |\n|---|---:|---:|")?;
    let other = [
        "rds", "ec2", "sqs", "sns", "dynamodb", "lambda", "logs", "ssm", "events", "kms",
    ];
    for (what, services) in [("of ten services", other), ("all of KMS", ["kms"; 10])] {
        let mut documents: Vec<String> = services.iter().map(|name| managed(name)).collect();
        let denied = parse(&documents)?;
        if let Some(last) = documents.last_mut() {
            *last = last.replace("]}", r#", {"Effect": "Allow", "Action": "kms:Decrypt", "Resource": "arn:aws:kms:*:111111111111:key/*"}]}"#);
        }
        let allowed = parse(&documents)?;
        for (policies, outcome) in [(allowed, Outcome::Allow), (denied, Outcome::ImplicitDeny)] {
            let times = measure(2_000, &policies, KEY, outcome)?;
            writeln!(
                output,
                "| 10 policies of 6 KB, {what}: {outcome:?} | {times}"
            )?;
        }
    }
    let stars = "*a".repeat(100);
    let text = format!("arn:aws:kms:us-east-1:111111111111:{}", "a".repeat(1_000));
    for (what, piece) in [
        ("nested `*a*a..`", format!("{stars}b")),
        ("nested `*?a*?a..`", format!("{}b", "*?a".repeat(50))),
        (
            "variables `${..}*a*a..`",
            format!("${{aws:PrincipalTag/team}}{stars}b"),
        ),
        ("long `*a?a?..b*`", format!("*{}b*", "a?".repeat(220))),
        ("nested `*aaaaaaaa?b*..`", "*aaaaaaaa?b".repeat(20)),
    ] {
        let policies = parse(&[hostile(&piece)])?;
        let times = measure(50, &policies, &text, Outcome::ImplicitDeny)?;
        writeln!(output, "| hostile, 20 KB, {what} on 1 KB | {times}")?;
    }
    Ok(())
}

/// A managed policy about one service, as large as it may be, that does not
/// allow `kms:Decrypt`.
fn managed(service: &str) -> String {
    let mut statements = String::new();
    let mut number = 0;
    while statements.len() < MANAGED - 400 {
        if number > 0 {
            statements.push(',');
        }
        let _ = write!(
            statements,
            r#"{{"Sid":"S{number}","Effect":"Allow","Action":["{service}:Describe{number}*","{service}:List*","{service}:GetKey{number}","{service}:Put{number}Thing","{service}:DeleteAlias{number}"],"Resource":["arn:aws:{service}:*:111111111111:thing/team-{number}/*","arn:aws:{service}:us-east-1:111111111111:other/x{number}"],"Condition":{{"StringEquals":{{"aws:PrincipalTag/team":"team-{number}"}}}}}}"#
        );
        number += 1;
    }
    format!(r#"{{"Version":"2012-10-17","Statement":[{statements}]}}"#)
}

/// A policy that is all wildcards, and that nothing satisfies.
fn hostile(piece: &str) -> String {
    let mut resources = Vec::new();
    let mut length = 0;
    while length < 20_000 {
        let resource = format!(
            r#""arn:aws:kms:us-east-1:111111111111:{piece}{}""#,
            resources.len()
        );
        length += resource.len() + 1;
        resources.push(resource);
    }
    format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":"kms:*","Resource":[{}]}}]}}"#,
        resources.join(",")
    )
}

fn parse(documents: &[String]) -> Result<Vec<Policy>, Box<dyn Error>> {
    let parse = |text: &String| Policy::parse(text, PolicyKind::Identity);
    Ok(documents.iter().map(parse).collect::<Result<_, _>>()?)
}

/// The context of a typical request.
struct Context;

impl Conditions for Context {
    fn values(&self, key: &str) -> Option<Values<'_>> {
        (key == "aws:principaltag/team").then(|| Values::from("nobody"))
    }
}

/// Median and worst of a thousand means of `rounds` decisions each; fails on
/// another outcome.
fn measure(
    rounds: u32,
    policies: &[Policy],
    resource: &str,
    outcome: Outcome,
) -> Result<String, Box<dyn Error>> {
    let identity: Vec<Named<'_>> = policies
        .iter()
        .map(|policy| Named { name: "p", policy })
        .collect();
    let sources = Sources {
        identity: &identity,
        ..Sources::default()
    };
    let request = Request {
        principal: Principal {
            arn: "arn:aws:iam::111111111111:user/alice",
            account: ACCOUNT,
            kind: PrincipalKind::User,
            user_id: "AIDAEXAMPLE00000000AA",
        },
        action: "kms:Decrypt",
        resource,
        resource_account: ACCOUNT,
        conditions: &Context,
    };
    if decide(&request, &sources).outcome != outcome {
        return Err("another outcome than expected".into());
    }
    let mut times: Vec<Duration> = (0..100)
        .map(|_| {
            mean(rounds, || {
                black_box(decide(black_box(&request), black_box(&sources)));
            })
        })
        .collect();
    times.sort_unstable();
    let (median, worst) = (times.get(times.len() / 2), times.last());
    Ok(format!(
        "{:.2?} | {:.2?} |",
        median.unwrap_or(&Duration::ZERO),
        worst.unwrap_or(&Duration::ZERO)
    ))
}

#[expect(clippy::disallowed_methods, reason = "a measurement reads the clock")]
fn mean(rounds: u32, mut run: impl FnMut()) -> Duration {
    let start = Instant::now();
    (0..rounds).for_each(|_| run());
    start.elapsed() / rounds
}
