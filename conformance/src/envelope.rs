use crate::{load, Bytes, Expectation, Vector};
use serde::Deserialize;

/// An envelope, and who gets it.
#[derive(Clone, Debug, Deserialize)]
pub struct EnvelopeGiven {
    pub envelope: Bytes,
    /// Those that the receiver holds, TEST ONLY. None: it is in a public mesh.
    pub keys: Vec<EnvelopeKey>,
    /// How it comes; none: as a datagram or in a frame.
    pub datagram: Option<Datagram>,
}

/// A key that a receiver holds. TEST ONLY.
#[derive(Clone, Debug, Deserialize)]
pub struct EnvelopeKey {
    pub id: Bytes,
    pub key: Bytes,
}

/// What a datagram tells beside its content.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Datagram {
    pub source_port: u16,
}

/// What is in the envelope.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EnvelopeExpect {
    #[serde(flatten)]
    pub expectation: Expectation,
    /// The serialised packet; none if it is rejected.
    pub packet: Option<Bytes>,
    /// The key that sealed it; none: it came in the clear.
    pub key_id: Option<Bytes>,
}

/// The vectors of envelopes (PROTOCOL.md, section 2).
pub fn envelopes() -> Vec<Vector<EnvelopeGiven, EnvelopeExpect>> {
    load("envelope")
}
