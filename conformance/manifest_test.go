package conformance_test

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"testing"

	"github.com/telepathine/telepathine/conformance"
)

func TestFilesAreThoseOfTheManifest(t *testing.T) {
	manifest, err := conformance.LoadManifest()
	if err != nil {
		t.Fatal(err)
	}
	count := 0
	for _, file := range manifest.Files {
		text, err := conformance.Read(file)
		if err != nil {
			t.Fatal(err)
		}
		sum := sha256.Sum256(text)
		if hex.EncodeToString(sum[:]) != file.SHA256 {
			t.Errorf("%s has another hash", file.Path)
		}
		vectors, err := conformance.Load[json.RawMessage, conformance.Expectation](file.Layer)
		if err != nil {
			t.Fatal(err)
		}
		if len(vectors) != file.Count {
			t.Errorf("%s has %d vectors, not %d", file.Path, len(vectors), file.Count)
		}
		count += len(vectors)
	}
	if count != manifest.Count {
		t.Errorf("there are %d vectors, not %d", count, manifest.Count)
	}
}
