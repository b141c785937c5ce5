// Written by `npm run vectors`.

/// The files of vectors as they are, by layer, in the order in which a peer is best built.
#[rustfmt::skip]
pub const FILES: &[(&str, &str)] = &[
    ("keys", include_str!("../vectors/keys.json")),
    ("protobuf", include_str!("../vectors/protobuf.json")),
    ("envelope", include_str!("../vectors/envelope.json")),
    ("framing", include_str!("../vectors/framing.json")),
    ("digest", include_str!("../vectors/digest.json")),
    ("ring", include_str!("../vectors/ring.json")),
    ("phi", include_str!("../vectors/phi.json")),
    ("tokens", include_str!("../vectors/tokens.json")),
    ("delta", include_str!("../vectors/delta.json")),
    ("statements", include_str!("../vectors/statements.json")),
    ("exchange", include_str!("../vectors/exchange.json")),
];
