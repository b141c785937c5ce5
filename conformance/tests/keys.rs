//! Keys, derived as a peer in Rust would.

use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use base64::Engine;
use hmac::{Hmac, Mac};
use scrypt::{scrypt, Params};
use sha2::{Digest, Sha256};
use telepathine_conformance::{keys, Bytes, DerivedKey};

const KEY_PREFIX: &str = "telepathine-key-v1:";
const KEY_FAMILY_PREFIX: &str = "telepathine-key-";
const KEY_IDS_MAX: usize = 16;
const CLUSTER_BYTES_MAX: usize = 255;

/// The secret of a typed key or a passphrase; none if it is malformed.
fn secret_of(text: &str, cluster: &str) -> Option<Vec<u8>> {
    if text.is_empty() {
        return None;
    }
    if text.starts_with(KEY_FAMILY_PREFIX) {
        let encoded = text.strip_prefix(KEY_PREFIX)?;
        let secret = URL_SAFE_NO_PAD.decode(encoded).ok()?;
        return (secret.len() == 32).then_some(secret);
    }
    let salt = format!("telepathine/v1/passphrase\0{cluster}");
    let params = Params::new(15, 8, 1, 32).expect("the parameters are those of the protocol");
    let mut secret = vec![0; 32];
    scrypt(text.as_bytes(), salt.as_bytes(), &params, &mut secret).expect("32 bytes are right");
    Some(secret)
}

fn derive(secret: Vec<u8>, cluster: &str) -> DerivedKey {
    let mut mac = Hmac::<Sha256>::new_from_slice(&secret).expect("any length is right");
    mac.update(format!("telepathine/v1/seal\0{cluster}").as_bytes());
    let key = mac.finalize().into_bytes().to_vec();
    let hash = Sha256::new()
        .chain_update(b"telepathine/v1/key-id\0")
        .chain_update(&key)
        .finalize();
    DerivedKey {
        secret: Bytes(secret),
        key: Bytes(key),
        id: Bytes(hash[..4].to_vec()),
    }
}

/// The keys of a network, each once, the sealing one first; none if it is refused.
fn ring_of(network: &[String], cluster: &str) -> Option<Vec<DerivedKey>> {
    if !(1..=KEY_IDS_MAX).contains(&network.len()) || cluster.len() > CLUSTER_BYTES_MAX {
        return None;
    }
    let mut ring: Vec<DerivedKey> = Vec::new();
    for text in network {
        let key = derive(secret_of(text, cluster)?, cluster);
        match ring.iter().find(|other| other.id == key.id) {
            None => ring.push(key),
            Some(other) if other.key == key.key => {}
            Some(_) => return None,
        }
    }
    Some(ring)
}

#[test]
fn keys_are_derived() {
    for vector in keys() {
        let ring = ring_of(&vector.given.network, &vector.given.cluster);
        let is_taken = vector.expect.expectation.result == "accept";
        assert_eq!(ring.is_some(), is_taken, "{}", vector.id);
        assert_eq!(
            ring.unwrap_or_default(),
            vector.expect.keys,
            "{}",
            vector.id
        );
    }
}
