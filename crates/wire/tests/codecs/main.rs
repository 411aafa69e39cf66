//! What the codecs do with requests that no SDK sends, and that what they write is read back.

#[cfg(test)]
mod cbor;
#[cfg(test)]
mod json;
#[cfg(test)]
mod properties;
#[cfg(test)]
mod query;
#[cfg(test)]
mod replies;
#[cfg(test)]
mod rest;
#[cfg(test)]
mod tables;
