//! The code of layers is kept for as long as a layer or a function has it, and no longer.

use std::collections::{BTreeMap, BTreeSet};

use platform::testing::{ACCOUNT, Harness, REGION};
use proptest::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use store::{Key, Record};

use crate::lambda::house::{done, house, package, with};

/// What the service keeps code in.
#[derive(Serialize, Deserialize)]
struct Piece {
    bytes: Vec<u8>,
}

impl Record for Piece {
    const TABLE: &'static str = "lambda.code";
    const SERVICE: &'static str = "lambda";
}

/// What is done; numbers choose among what there is.
#[derive(Clone, Debug)]
enum Step {
    PublishLayer(usize),
    DeleteLayer(usize),
    Create(usize, usize),
    Configure(usize, usize),
    Publish(usize),
    DeleteVersion(usize),
    DeleteFunction(usize),
}

fn step() -> impl Strategy<Value = Step> {
    let any = 0..64_usize;
    prop_oneof![
        any.clone().prop_map(Step::PublishLayer),
        any.clone().prop_map(Step::DeleteLayer),
        (any.clone(), any.clone()).prop_map(|(name, layers)| Step::Create(name, layers)),
        (any.clone(), any.clone()).prop_map(|(name, layers)| Step::Configure(name, layers)),
        any.clone().prop_map(Step::Publish),
        any.clone().prop_map(Step::DeleteVersion),
        any.prop_map(Step::DeleteFunction),
    ]
}

/// What there should be.
#[derive(Default)]
struct Model {
    /// The ARNs of versions of layers.
    layers: BTreeSet<String>,
    /// The ARNs of the layers of each version of a function.
    functions: BTreeMap<(String, String), Vec<String>>,
}

impl Model {
    /// At most one version of each layer.
    fn some_layers(&self, chosen: usize) -> Vec<String> {
        let mut one_each: BTreeMap<&str, &String> = BTreeMap::new();
        for (number, arn) in self.layers.iter().enumerate() {
            let layer = arn.rsplit_once(':').expect("a version").0;
            if chosen >> (number % 6) & 1 == 1 {
                one_each.insert(layer, arn);
            }
        }
        one_each.into_values().cloned().collect()
    }

    /// How many packages have to be there. Those of this test are a piece each.
    fn pieces(&self) -> u64 {
        let used = self.functions.values().flatten();
        let layers: BTreeSet<_> = self.layers.iter().chain(used).collect();
        let functions: BTreeSet<_> = self.functions.keys().map(|(name, _)| name).collect();
        (layers.len() + functions.len()) as u64
    }

    async fn take(&mut self, harness: &Harness, step: &Step) {
        match *step {
            Step::PublishLayer(name) => {
                let zip = package("python/a.py", b"a = 1");
                let name = format!("layer-{}", name % 2);
                let input = json!({ "LayerName": name, "Content": { "ZipFile": zip } });
                let made = done(harness, "PublishLayerVersion", input).await;
                self.layers.insert(text(&made["LayerVersionArn"]));
            }
            Step::DeleteLayer(which) => {
                let Some(arn) = chosen(self.layers.iter(), which) else {
                    return;
                };
                let (layer, number) = arn.rsplit_once(':').expect("a version");
                let input = json!({ "LayerName": layer, "VersionNumber": number });
                done(harness, "DeleteLayerVersion", input).await;
                self.layers.remove(&arn);
            }
            Step::Create(name, layers) => {
                let latest = (format!("function-{}", name % 2), "$LATEST".to_owned());
                if self.functions.contains_key(&latest) {
                    return;
                }
                let layers = self.some_layers(layers);
                let input = with(&latest.0, json!({ "Layers": layers }));
                done(harness, "CreateFunction", input).await;
                self.functions.insert(latest, layers);
            }
            _ => self.change(harness, step).await,
        }
    }

    /// Does something to a function.
    async fn change(&mut self, harness: &Harness, step: &Step) {
        let is_latest = |it: &&(String, String)| it.1 == "$LATEST";
        let latest = |which| chosen(self.functions.keys().filter(is_latest), which);
        match *step {
            Step::Configure(which, layers) => {
                let Some(latest) = latest(which) else { return };
                let layers = self.some_layers(layers);
                let input = json!({ "FunctionName": latest.0, "Layers": layers });
                done(harness, "UpdateFunctionConfiguration", input).await;
                self.functions.insert(latest, layers);
            }
            Step::Publish(which) => {
                let Some(latest) = latest(which) else { return };
                let input = json!({ "FunctionName": latest.0 });
                let made = done(harness, "PublishVersion", input).await;
                let layers = self.functions[&latest].clone();
                self.functions
                    .insert((latest.0, text(&made["Version"])), layers);
            }
            Step::DeleteVersion(which) => {
                let published = self.functions.keys().filter(|it| !is_latest(it));
                let Some((name, version)) = chosen(published, which) else {
                    return;
                };
                let input = json!({ "FunctionName": name, "Qualifier": version });
                done(harness, "DeleteFunction", input).await;
                self.functions.remove(&(name, version));
            }
            Step::DeleteFunction(which) => {
                let Some((name, _)) = latest(which) else {
                    return;
                };
                done(harness, "DeleteFunction", json!({ "FunctionName": name })).await;
                self.functions.retain(|(other, _), _| *other != name);
            }
            _ => {}
        }
    }
}

fn chosen<'a, T: Clone + 'a>(all: impl Iterator<Item = &'a T>, which: usize) -> Option<T> {
    let all: Vec<_> = all.collect();
    let which = which.checked_rem(all.len())?;
    Some(all[which].clone())
}

fn text(value: &Value) -> String {
    value.as_str().expect("a text").to_owned()
}

async fn kept(harness: &Harness) -> u64 {
    let own = Key::new(ACCOUNT, REGION, [""; 0]);
    let counted = harness.pipeline.store().count::<Piece>(&own).await;
    counted.expect("a store in memory")
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn code_is_kept_while_somebody_has_it(steps in proptest::collection::vec(step(), 1..40)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        runtime.expect("a runtime").block_on(async {
            let (harness, mut model) = (house().await, Model::default());
            for step in &steps {
                model.take(&harness, step).await;
                assert_eq!(kept(&harness).await, model.pieces(), "{step:?}");
            }
            for _ in 0..2 {
                model.take(&harness, &Step::DeleteFunction(0)).await;
            }
            while !model.layers.is_empty() {
                model.take(&harness, &Step::DeleteLayer(0)).await;
            }
            assert_eq!(kept(&harness).await, 0, "nobody has anything");
        });
    }
}
