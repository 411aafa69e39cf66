//! Functions: what is in their packages, and running them.
//!
//! Knows nothing of any AWS control plane: whoever calls says which package, which runtime and which
//! limits, and has decided that the call is allowed. A package is untrusted: it is refused, or it is
//! unpacked to files that lie below one directory.

pub mod package;
