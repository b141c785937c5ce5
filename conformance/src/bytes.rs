use serde::de::Error;
use serde::{Deserialize, Deserializer};

/// Bytes: hex digits in the files, or, what is long, runs that follow each other.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bytes(pub Vec<u8>);

impl std::ops::Deref for Bytes {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.0
    }
}

impl<'de> Deserialize<'de> for Bytes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut bytes = Vec::new();
        match Form::deserialize(deserializer)? {
            Form::Digits(digits) => bytes = decode(&digits).map_err(D::Error::custom)?,
            Form::Runs(runs) => {
                for Run { hex, times } in runs {
                    bytes.extend(decode(&hex).map_err(D::Error::custom)?.repeat(times));
                }
            }
        }
        Ok(Bytes(bytes))
    }
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Form {
    Digits(String),
    Runs(Vec<Run>),
}

#[derive(Deserialize)]
struct Run {
    hex: String,
    times: usize,
}

fn decode(digits: &str) -> Result<Vec<u8>, String> {
    if digits.len() % 2 != 0 || !digits.is_ascii() {
        return Err(format!("not bytes in hex: {digits}"));
    }
    (0..digits.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&digits[at..at + 2], 16).map_err(|error| error.to_string()))
        .collect()
}
