//! The protocol cases of the AWS SDKs, from both sides: requests are read backwards, from their
//! bytes to the parameters, and answers are written and compared with the recorded ones.

#[cfg(test)]
mod inputs;
#[cfg(test)]
mod outputs;
#[cfg(test)]
mod tables;
#[cfg(test)]
mod trees;
#[cfg(test)]
mod values;
