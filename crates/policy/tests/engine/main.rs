//! Tests of the policy engine through its public interface.

#[cfg(test)]
mod advisories;
#[cfg(test)]
mod bounds;
#[cfg(test)]
mod cases;
#[cfg(test)]
mod conditions;
#[cfg(test)]
mod cost;
#[cfg(test)]
mod decisions;
#[cfg(test)]
mod documents;
#[cfg(test)]
mod iam_cases;
#[cfg(test)]
mod properties;
#[cfg(test)]
mod reasons;
mod root_sessions;
#[cfg(test)]
mod scenes;
#[cfg(test)]
mod support;
#[cfg(test)]
mod validation;
