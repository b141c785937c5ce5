//! The files are those of the manifest.

use serde_json::Value;
use sha2::{Digest, Sha256};
use telepathine_conformance::{load, manifest, FILES};

#[test]
fn files_are_those_of_the_manifest() {
    let manifest = manifest();
    let layers: Vec<&str> = FILES.iter().map(|(layer, _)| *layer).collect();
    let listed: Vec<&str> = manifest
        .files
        .iter()
        .map(|file| file.layer.as_str())
        .collect();
    assert_eq!(layers, listed);
    let mut count = 0;
    for (file, (layer, text)) in manifest.files.iter().zip(FILES) {
        let digest = Sha256::digest(text);
        let hex: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(hex, file.sha256, "{layer}");
        assert_eq!(load::<Value, Value>(layer).len(), file.count, "{layer}");
        count += file.count;
    }
    assert_eq!(count, manifest.count);
}
