//! Envelopes, opened as a peer in Rust would.

use crypto_secretbox::aead::{Aead, KeyInit};
use crypto_secretbox::{Key, Nonce, XSalsa20Poly1305};
use telepathine_conformance::{envelopes, EnvelopeGiven};

const PLAIN_KIND: u8 = 0x11;
const SEALED_KIND: u8 = 0x21;
const SEALED_OVERHEAD_BYTES: usize = 45;
const DATAGRAM_BYTES_MAX: usize = 1200;

/// The packet, and the id of the key that sealed it; or the reason of a refusal.
fn open(given: &EnvelopeGiven) -> Result<(Vec<u8>, Option<Vec<u8>>), &'static str> {
    let envelope = &given.envelope;
    if let Some(datagram) = &given.datagram {
        if datagram.source_port == 0 {
            return Err("no-source-port");
        }
        if envelope.len() > DATAGRAM_BYTES_MAX {
            return Err("datagram-too-large");
        }
    }
    match envelope.first() {
        None => Err("empty"),
        Some(&PLAIN_KIND) if !given.keys.is_empty() => Err("plain-in-private"),
        Some(&PLAIN_KIND) => Ok((envelope[1..].to_vec(), None)),
        Some(&SEALED_KIND) if given.keys.is_empty() => Err("sealed-in-public"),
        Some(&SEALED_KIND) => open_sealed(given),
        Some(_) => Err("unknown-kind"),
    }
}

fn open_sealed(given: &EnvelopeGiven) -> Result<(Vec<u8>, Option<Vec<u8>>), &'static str> {
    let envelope = &given.envelope;
    if envelope.len() < SEALED_OVERHEAD_BYTES {
        return Err("truncated");
    }
    let (id, nonce, sealed) = (&envelope[1..5], &envelope[5..29], &envelope[29..]);
    let key = given
        .keys
        .iter()
        .find(|key| *key.id == *id)
        .ok_or("unknown-key")?;
    let cipher = XSalsa20Poly1305::new(Key::from_slice(&key.key));
    let packet = cipher
        .decrypt(Nonce::from_slice(nonce), sealed)
        .map_err(|_| "not-authentic")?;
    Ok((packet, Some(id.to_vec())))
}

#[test]
fn envelopes_are_opened() {
    for vector in envelopes() {
        let expect = &vector.expect;
        match open(&vector.given) {
            Err(reason) => {
                assert_eq!(
                    Some(reason),
                    expect.expectation.error.as_deref(),
                    "{}",
                    vector.id
                );
            }
            Ok((packet, key_id)) => {
                assert_eq!(expect.expectation.error, None, "{}", vector.id);
                assert_eq!(
                    Some(packet.as_slice()),
                    expect.packet.as_deref(),
                    "{}",
                    vector.id
                );
                assert_eq!(key_id.as_deref(), expect.key_id.as_deref(), "{}", vector.id);
            }
        }
    }
}
