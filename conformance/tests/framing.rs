//! Frames, read as a peer in Rust would, whatever the chunks.

use telepathine_conformance::{framing, Chunking, FramingExpect, FramingGiven};

const UNTRUSTED_FRAME_BYTES_MAX: usize = 1200;
const FRAME_BYTES_MAX: usize = 16 << 20;

struct FrameReader {
    limit: usize,
    buffer: Vec<u8>,
}

impl FrameReader {
    /// The next envelope that is complete, if there is one; or why the stream cannot be read on.
    fn next(&mut self) -> Result<Option<Vec<u8>>, &'static str> {
        let Some(prefix) = self.buffer.first_chunk::<4>() else {
            return Ok(None);
        };
        let length = u32::from_be_bytes(*prefix) as usize;
        if length == 0 {
            return Err("empty-frame");
        }
        if length > self.limit {
            return Err("frame-too-long");
        }
        if self.buffer.len() < 4 + length {
            return Ok(None);
        }
        let rest = self.buffer.split_off(4 + length);
        let frame = std::mem::replace(&mut self.buffer, rest);
        Ok(Some(frame[4..].to_vec()))
    }
}

fn check(id: &str, given: &FramingGiven, chunking: &Chunking, expect: &FramingExpect) {
    let case = format!("{id}, {}", chunking.name);
    let mut reader = FrameReader {
        limit: UNTRUSTED_FRAME_BYTES_MAX,
        buffer: Vec::new(),
    };
    let mut frames = Vec::new();
    let mut reason = None;
    if given.trusted_after_frames == Some(0) {
        reader.limit = FRAME_BYTES_MAX;
    }
    'chunks: for chunk in chunking.cut(&given.stream) {
        reader.buffer.extend(chunk);
        loop {
            match reader.next() {
                Ok(Some(frame)) => frames.push(frame),
                Ok(None) => break,
                Err(found) => {
                    reason = Some(found);
                    break 'chunks;
                }
            }
            if given.trusted_after_frames == Some(frames.len()) {
                reader.limit = FRAME_BYTES_MAX;
            }
        }
    }
    assert_eq!(reason, expect.expectation.error.as_deref(), "{case}");
    let expected: Vec<&[u8]> = expect.frames.iter().map(|frame| &**frame).collect();
    assert_eq!(frames, expected, "{case}");
    if reason.is_none() {
        assert_eq!(reader.buffer.len(), expect.half_read_bytes, "{case}");
    }
}

#[test]
fn frames_do_not_depend_on_chunks() {
    for vector in framing() {
        for chunking in &vector.given.chunkings {
            check(&vector.id, &vector.given, chunking, &vector.expect);
        }
    }
}
