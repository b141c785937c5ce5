//! The test vectors of the Telepathine protocol, for the tests of whoever writes a compatible peer in
//! Rust. README.md tells what they mean, and schema/ what they consist of.
//!
//! ```
//! for vector in telepathine_conformance::framing() {
//!     println!("{}: {}", vector.id, vector.title);
//! }
//! ```

mod bytes;
mod envelope;
mod files;
mod framing;
mod keys;
mod protobuf;

pub use bytes::Bytes;
pub use envelope::{envelopes, Datagram, EnvelopeExpect, EnvelopeGiven, EnvelopeKey};
pub use files::FILES;
pub use framing::{framing, Chunking, FramingExpect, FramingGiven};
pub use keys::{keys, DerivedKey, KeysExpect, KeysGiven};
pub use protobuf::{protobuf, ProtobufExpect, ProtobufGiven};

use serde::de::DeserializeOwned;
use serde::Deserialize;
use std::collections::BTreeMap;

/// What the suite consists of, as it stands in the file.
pub const MANIFEST: &str = include_str!("../manifest.json");

/// What the suite consists of.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Manifest {
    /// The version of the suite: semantic. The major one rises when a right peer may fail what it
    /// passed.
    pub suite: String,
    /// The version of the protocol that is tested.
    pub protocol: u32,
    pub files: Vec<ManifestFile>,
    /// Of all files together.
    pub count: usize,
    /// Ids of vectors that are gone. They are not used again.
    pub retired: Vec<String>,
}

/// A file of vectors.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ManifestFile {
    /// From the manifest's folder.
    pub path: String,
    /// What its vectors test.
    pub layer: String,
    /// Of the file's bytes, in hex.
    pub sha256: String,
    /// Vectors in it.
    pub count: usize,
    /// How many of them are mutations of others.
    pub mutations: usize,
}

/// A test vector. `G` is what a peer is given and `E` what it is expected to do: they differ by layer.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Vector<G, E> {
    /// Begins with the layer, and is never used for another vector.
    pub id: String,
    pub layer: String,
    /// A sentence: what a right peer does.
    pub title: String,
    /// The number of the rule of PROTOCOL.md that is tested.
    pub section: String,
    /// Further rules that it takes to pass.
    #[serde(default)]
    pub also_sections: Vec<String>,
    /// MUST, SHOULD or MAY.
    pub grade: String,
    /// `basic` or `full`: the least that a peer is which is tested by it.
    pub level: String,
    /// What a peer must have to be tested by it.
    pub features: Vec<String>,
    /// The vector that this one was made from by one change; none: a positive one.
    pub mutation_of: Option<String>,
    /// The name of the change.
    pub mutation: Option<String>,
    /// What is worth knowing beside.
    pub notes: Option<String>,
    /// What the bytes that are given mean, as ProtoJSON; none where that is said elsewhere.
    pub json: Option<serde_json::Value>,
    /// The bytes of each step on the way, for whoever gets something else. TEST ONLY.
    #[serde(default)]
    pub stages: BTreeMap<String, Bytes>,
    pub given: G,
    pub expect: E,
}

/// What a peer does with what it is given, in every layer.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Expectation {
    /// `accept`, `ignore` or `reject`.
    pub result: String,
    /// The layer that rejects.
    pub layer: Option<String>,
    /// The reason, as in PROTOCOL.md's appendix B.
    pub error: Option<String>,
    /// What becomes of a stream on which it came: `kept`, `closed` or `none`.
    pub connection: String,
}

/// Reads the manifest.
pub fn manifest() -> Manifest {
    serde_json::from_str(MANIFEST).expect("the manifest is well formed")
}

/// Reads the vectors of a layer, in types of the caller's: `serde_json::Value` takes everything.
///
/// # Panics
/// If there is no such layer, or the types do not fit it.
pub fn load<G: DeserializeOwned, E: DeserializeOwned>(layer: &str) -> Vec<Vector<G, E>> {
    #[derive(Deserialize)]
    struct File<G, E> {
        vectors: Vec<Vector<G, E>>,
    }
    let (_, text) = FILES
        .iter()
        .find(|(name, _)| *name == layer)
        .unwrap_or_else(|| panic!("there are no vectors of the layer {layer}"));
    let file: File<G, E> =
        serde_json::from_str(text).unwrap_or_else(|error| panic!("{layer}: {error}"));
    file.vectors
}
