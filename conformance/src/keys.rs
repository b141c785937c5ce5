use crate::{load, Bytes, Expectation, Vector};
use serde::Deserialize;

/// How a mesh is configured.
#[derive(Clone, Debug, Deserialize)]
pub struct KeysGiven {
    /// Passphrases and typed keys, the first of which seals. TEST ONLY.
    pub network: Vec<String>,
    /// The name of the cluster.
    pub cluster: String,
}

/// The ring that comes of it.
#[derive(Clone, Debug, Deserialize)]
pub struct KeysExpect {
    #[serde(flatten)]
    pub expectation: Expectation,
    /// Each once, the sealing one first; none if it is rejected.
    #[serde(default)]
    pub keys: Vec<DerivedKey>,
}

/// A key with what it was made from. TEST ONLY.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
pub struct DerivedKey {
    /// A typed key's bytes, or what scrypt gives.
    pub secret: Bytes,
    pub key: Bytes,
    pub id: Bytes,
}

/// The vectors of keys (PROTOCOL.md, section 4).
pub fn keys() -> Vec<Vector<KeysGiven, KeysExpect>> {
    load("keys")
}
