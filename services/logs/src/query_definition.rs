//! Saved queries, as the store keeps them.

use api::logs::{QueryDefinition, QueryLanguage, QueryParameter};
use platform::{Ctx, Result};
use serde::{Deserialize, Serialize};
use store::{Key, Record};

/// What the store keeps of a saved query.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct QueryDefinitionRecord {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) text: String,
    pub(crate) groups: Vec<String>,
    pub(crate) modified_millis: i64,
    /// The client's token of the call that made it: the same call makes it once.
    pub(crate) client_token: Option<String>,
    pub(crate) parameters: Vec<Parameter>,
}

/// What a saved query leaves open.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Parameter {
    pub(crate) name: String,
    pub(crate) default_value: Option<String>,
    pub(crate) description: Option<String>,
}

impl Record for QueryDefinitionRecord {
    const TABLE: &'static str = "logs.query-definitions";
    const SERVICE: &'static str = "logs";
}

impl QueryDefinitionRecord {
    fn place(ctx: &Ctx, id: &str) -> Key {
        Key::new(ctx.account(), &*ctx.region, [id])
    }

    /// The saved query of this id, of the caller's account.
    pub(crate) async fn find(ctx: &Ctx, id: &str) -> Result<Option<Self>> {
        let found = ctx.get::<Self>(&Self::place(ctx, id)).await?;
        Ok(found.as_deref().cloned())
    }

    /// All of the caller's account.
    pub(crate) async fn all(ctx: &Ctx) -> Result<Vec<Self>> {
        let all = Key::new(ctx.account(), &*ctx.region, [] as [&str; 0]);
        let rows = ctx.scan_all::<Self>(&all).await?;
        Ok(rows.iter().map(|(_, known)| Self::clone(known)).collect())
    }

    /// Stages the record.
    pub(crate) async fn put(self, ctx: &Ctx) {
        ctx.put(Self::place(ctx, &self.id), self).await;
    }

    /// Stages its deletion.
    pub(crate) async fn delete(&self, ctx: &Ctx) {
        ctx.delete::<Self>(&Self::place(ctx, &self.id)).await;
    }

    /// The saved query as answers show it.
    pub(crate) fn shown(self) -> QueryDefinition {
        let parameters = self.parameters.into_iter().map(|parameter| QueryParameter {
            name: parameter.name,
            default_value: parameter.default_value,
            description: parameter.description,
        });
        let parameters: Vec<_> = parameters.collect();
        QueryDefinition {
            query_language: Some(QueryLanguage::Cwli),
            query_definition_id: Some(self.id),
            name: Some(self.name),
            query_string: Some(self.text),
            last_modified: Some(self.modified_millis),
            log_group_names: Some(self.groups),
            parameters: Some(parameters).filter(|parameters| !parameters.is_empty()),
        }
    }
}
