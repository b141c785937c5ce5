use crate::{load, Bytes, Expectation, Vector};
use serde::Deserialize;

/// What comes on a stream, and how.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FramingGiven {
    /// All that comes.
    pub stream: Bytes,
    /// Ways to cut it, each of which gives the same result.
    pub chunkings: Vec<Chunking>,
    /// With this frame the receiver begins to trust the stream; 0: it does already; none: never.
    pub trusted_after_frames: Option<usize>,
}

/// A way to cut a stream.
#[derive(Clone, Debug, Deserialize)]
pub struct Chunking {
    pub name: String,
    /// Bytes of each chunk. The last one repeats until the stream is used up.
    pub sizes: Vec<usize>,
}

impl Chunking {
    /// The chunks of a stream.
    pub fn cut<'a>(&self, mut stream: &'a [u8]) -> Vec<&'a [u8]> {
        let mut chunks = Vec::new();
        while !stream.is_empty() {
            let size = self.sizes[chunks.len().min(self.sizes.len() - 1)];
            let (chunk, rest) = stream.split_at(size.min(stream.len()));
            chunks.push(chunk);
            stream = rest;
        }
        chunks
    }
}

/// What a receiver makes of a stream.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FramingExpect {
    #[serde(flatten)]
    pub expectation: Expectation,
    /// The envelopes that are delivered, also before a refusal.
    pub frames: Vec<Bytes>,
    /// Bytes of a frame that is half read at the end, its prefix included.
    pub half_read_bytes: usize,
}

/// The vectors of frames on a stream (PROTOCOL.md, section 3).
pub fn framing() -> Vec<Vector<FramingGiven, FramingExpect>> {
    load("framing")
}
