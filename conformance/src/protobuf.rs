use crate::{load, Bytes, Expectation, Vector};
use serde::Deserialize;

/// A serialised message.
#[derive(Clone, Debug, Deserialize)]
pub struct ProtobufGiven {
    /// `Packet`, `EntryBody` or `OwnerHeader`.
    pub message: String,
    pub bytes: Bytes,
}

/// What it means.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ProtobufExpect {
    #[serde(flatten)]
    pub expectation: Expectation,
    /// ProtoJSON, without unknown fields and addresses; none of what is rejected, and where it would be
    /// long.
    pub meaning: Option<serde_json::Value>,
    /// An encoder that is given this meaning should write exactly these bytes.
    #[serde(default)]
    pub same_bytes: bool,
    /// Of a header: the id of its owner.
    pub owner_id: Option<Bytes>,
}

/// The vectors of serialised messages (PROTOCOL.md, sections 5 and 8).
pub fn protobuf() -> Vec<Vector<ProtobufGiven, ProtobufExpect>> {
    load("protobuf")
}
