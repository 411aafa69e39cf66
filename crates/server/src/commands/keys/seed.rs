//! `strongroom keys seed`: makes keys with fixed ids on a development server, through the public
//! API and its reserved tags.

use std::path::Path;

use crypto::Secret;
use serde_json::{Value, json};
use wire::pem;

use super::seed_file::{self, SeedKey};
use super::{call, print, say, text};
use crate::cli::ServerOptions;
use crate::client::{CallError, Client, Credentials, KMS};
use crate::exit::Failure;
use crate::settings;

/// How many letters of material a tag holds (Tag, `TagValue`).
const TAG_VALUE: usize = 256;

/// What a server says of itself.
struct Health {
    dev: bool,
    checks: bool,
    region: String,
}

/// Makes the keys of a file that are not there yet, and brings the others to what it says.
pub(super) async fn run(file: &Path, options: &ServerOptions) -> Result<(), Failure> {
    let seed = seed_file::read(file)?;
    let target = settings::target(options, KMS)?;
    let client = Client::new(target.endpoint, String::new())?;
    let health = health(&client).await?;
    if !health.dev {
        return Err(Failure::failed(format!(
            "the server at {} is no development server: keys have fixed ids only with `strongroom \
             serve --dev`",
            client.endpoint()
        )));
    }
    for key in &seed.key {
        let asked = key.region.clone().or_else(|| target.region.clone());
        let region = asked.unwrap_or_else(|| health.region.clone());
        let client = client_for(&client, key, &health)?.in_region(&region);
        let arn = plant(&client, key).await.map_err(|failure| Failure {
            exit: failure.exit,
            message: format!("key `{}`: {}", key.id, failure.message),
        })?;
        print(format!("{arn}\n").as_bytes())?;
    }
    Ok(())
}

async fn health(client: &Client) -> Result<Health, Failure> {
    let (_, answer) = client.get("/_strongroom/health").await?;
    let answer: Value = serde_json::from_slice(&answer).map_err(|_| {
        Failure::failed(format!(
            "what answers at {} is no Strongroom",
            client.endpoint()
        ))
    })?;
    Ok(Health {
        dev: answer.get("dev") == Some(&Value::Bool(true)),
        checks: text(&answer, "auth") != "off",
        region: text(&answer, "region").to_owned(),
    })
}

/// Where nothing is checked, the access key is the account. Elsewhere the credentials say it.
fn client_for(client: &Client, key: &SeedKey, health: &Health) -> Result<Client, Failure> {
    let credentials = match (&key.account, health.checks) {
        (Some(account), false) => of_account(account),
        (None, false) => Credentials::find().unwrap_or_else(|_| of_account("000000000000")),
        (_, true) => Credentials::find()?,
    };
    Ok(client.with(credentials))
}

fn of_account(account: &str) -> Credentials {
    Credentials {
        access_key_id: account.to_owned(),
        secret_access_key: Secret::new("dev".to_owned()),
        session_token: None,
    }
}

/// Makes a key, or brings it to what the file says; its ARN.
async fn plant(client: &Client, key: &SeedKey) -> Result<String, Failure> {
    let named = json!({ "KeyId": key.id });
    let metadata = match call(client, "DescribeKey", &named).await {
        Ok(known) => {
            let metadata = known.get("KeyMetadata").cloned().unwrap_or_default();
            check_same(key, &metadata)?;
            update(client, key, &metadata).await?;
            metadata
        }
        Err(error) if error.code() == Some("NotFoundException") => {
            let made = call(client, "CreateKey", &creation(key)).await?;
            made.get("KeyMetadata").cloned().unwrap_or_default()
        }
        Err(error) => return Err(error.into()),
    };
    let arn = text(&metadata, "Arn").to_owned();
    if text(&metadata, "KeyId") != key.id {
        let said = format!("the server made {arn} instead: it does not know the reserved tags");
        return Err(Failure::failed(said));
    }
    if let Some(account) = &key.account
        && account != text(&metadata, "AWSAccountId")
    {
        say(&format!(
            "key `{}` is in the account of the credentials: {arn}",
            key.id
        ));
    }
    for alias in key.aliases() {
        point(client, &alias, &key.id).await?;
    }
    Ok(arn)
}

fn creation(key: &SeedKey) -> Value {
    let mut input = serde_json::Map::new();
    for (member, value) in [
        ("KeySpec", &key.spec),
        ("KeyUsage", &key.usage),
        ("Description", &key.description),
        ("Policy", &key.policy),
    ] {
        input.extend(value.iter().map(|value| (member.to_owned(), json!(value))));
    }
    let mut tags = tags(key);
    tags.push(json!({ "TagKey": "strongroom:key-id", "TagValue": key.id }));
    let digits = key.material().map(|material| pem::base64(&material));
    let mut rest = digits.as_deref().unwrap_or_default();
    let mut part = 0;
    while !rest.is_empty() {
        let (here, after) = rest.split_at(rest.len().min(TAG_VALUE));
        part += 1;
        let name = match part {
            1 => "strongroom:key-material".to_owned(),
            _ => format!("strongroom:key-material-{part}"),
        };
        tags.push(json!({ "TagKey": name, "TagValue": here }));
        rest = after;
    }
    input.insert("Tags".to_owned(), Value::Array(tags));
    Value::Object(input)
}

fn tags(key: &SeedKey) -> Vec<Value> {
    let tags = key.tags.iter();
    tags.map(|(key, value)| json!({ "TagKey": key, "TagValue": value }))
        .collect()
}

/// What a key is cannot be changed.
fn check_same(key: &SeedKey, metadata: &Value) -> Result<(), Failure> {
    for (field, asked, member) in [
        ("spec", &key.spec, "KeySpec"),
        ("usage", &key.usage, "KeyUsage"),
    ] {
        let found = text(metadata, member);
        if let Some(asked) = asked
            && asked != found
        {
            return Err(Failure::failed(format!(
                "it is there already, and its {field} is {found}, not {asked}"
            )));
        }
    }
    Ok(())
}

/// Brings description, policy and tags of a key to what the file says; its material stays.
async fn update(client: &Client, key: &SeedKey, metadata: &Value) -> Result<(), CallError> {
    if let Some(description) = &key.description
        && description != text(metadata, "Description")
    {
        let input = json!({ "KeyId": key.id, "Description": description });
        call(client, "UpdateKeyDescription", &input).await?;
    }
    if let Some(policy) = &key.policy {
        let input = json!({ "KeyId": key.id, "Policy": policy });
        call(client, "PutKeyPolicy", &input).await?;
    }
    if !key.tags.is_empty() {
        let input = json!({ "KeyId": key.id, "Tags": tags(key) });
        call(client, "TagResource", &input).await?;
    }
    Ok(())
}

/// Makes an alias point to a key, wherever it points now.
async fn point(client: &Client, alias: &str, key_id: &str) -> Result<(), CallError> {
    let input = json!({ "AliasName": alias, "TargetKeyId": key_id });
    match call(client, "CreateAlias", &input).await {
        Err(error) if error.code() == Some("AlreadyExistsException") => {
            call(client, "UpdateAlias", &input).await?;
        }
        made => {
            made?;
        }
    }
    Ok(())
}
