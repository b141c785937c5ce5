//! The ids of owners, from the names in their headers.

use sha2::{Digest, Sha256};
use telepathine_conformance::protobuf;

/// The number that a varint gives, and what is behind it.
fn varint(bytes: &[u8]) -> (u64, &[u8]) {
    let end = bytes
        .iter()
        .position(|byte| byte & 0x80 == 0)
        .expect("a varint ends")
        + 1;
    let number = bytes[..end]
        .iter()
        .rev()
        .fold(0, |sum, byte| sum << 7 | u64::from(byte & 0x7f));
    (number, &bytes[end..])
}

/// The last field of a number that holds bytes.
fn bytes_field(mut message: &[u8], number: u64) -> Vec<u8> {
    let mut found = Vec::new();
    while !message.is_empty() {
        let (tag, rest) = varint(message);
        message = match tag & 7 {
            0 => varint(rest).1,
            1 => &rest[8..],
            5 => &rest[4..],
            2 => {
                let (length, rest) = varint(rest);
                let (content, rest) = rest.split_at(length as usize);
                if tag >> 3 == number {
                    found = content.to_vec();
                }
                rest
            }
            other => panic!("a header has no field of wire type {other}"),
        };
    }
    found
}

#[test]
fn owner_ids_are_hashes_of_names() {
    let headers = protobuf()
        .into_iter()
        .filter(|vector| vector.expect.owner_id.is_some());
    let mut count = 0;
    for vector in headers {
        let hash = Sha256::digest(bytes_field(&vector.given.bytes, 2));
        assert_eq!(
            Some(&hash[..8]),
            vector.expect.owner_id.as_deref(),
            "{}",
            vector.id
        );
        count += 1;
    }
    assert!(count > 5);
}
