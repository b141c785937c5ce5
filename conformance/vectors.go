// Package conformance holds the test vectors of the Telepathine protocol, for the tests of whoever
// writes a compatible peer in Go. README.md tells what they mean, and schema/ what they consist of.
//
//	vectors, err := conformance.Framing()
//	for _, vector := range vectors {
//		t.Run(vector.ID, func(t *testing.T) { ... })
//	}
package conformance

import (
	"embed"
	"encoding/hex"
	"encoding/json"
	"fmt"
)

//go:embed manifest.json vectors/*.json
var files embed.FS

// Manifest tells what the suite consists of.
type Manifest struct {
	// Suite is the version of the suite: semantic. The major one rises when a right peer may fail what
	// it passed.
	Suite string `json:"suite"`
	// Protocol is the version of the protocol that is tested.
	Protocol int `json:"protocol"`
	// Files are the files of vectors, in the order in which a peer is best built.
	Files []ManifestFile `json:"files"`
	// Count is that of the vectors of all files.
	Count int `json:"count"`
	// Retired are ids of vectors that are gone. They are not used again.
	Retired []string `json:"retired"`
}

// ManifestFile is a file of vectors.
type ManifestFile struct {
	// Path is that from the manifest's folder.
	Path string `json:"path"`
	// Layer is what its vectors test.
	Layer string `json:"layer"`
	// SHA256 is that of the file's bytes, in hex.
	SHA256 string `json:"sha256"`
	// Count is that of its vectors.
	Count int `json:"count"`
	// Mutations is how many of them are mutations of others.
	Mutations int `json:"mutations"`
}

// Vector is a test vector. G is what a peer is given and E what it is expected to do: they differ by
// layer.
type Vector[G, E any] struct {
	// ID begins with the layer, and is never used for another vector.
	ID    string `json:"id"`
	Layer string `json:"layer"`
	// Title is a sentence: what a right peer does.
	Title string `json:"title"`
	// Section is the number of the rule of PROTOCOL.md that is tested.
	Section string `json:"section"`
	// AlsoSections are further rules that it takes to pass.
	AlsoSections []string `json:"alsoSections"`
	// Grade is MUST, SHOULD or MAY.
	Grade string `json:"grade"`
	// Level is basic or full: the least that a peer is which is tested by it.
	Level string `json:"level"`
	// Features are what a peer must have to be tested by it.
	Features []string `json:"features"`
	// MutationOf is the vector that this one was made from by one change; empty for a positive one.
	MutationOf string `json:"mutationOf"`
	// Mutation is the name of the change.
	Mutation string `json:"mutation"`
	// JSON is what the bytes that are given mean, as ProtoJSON; none where that is said elsewhere.
	JSON json.RawMessage `json:"json"`
	// Stages are the bytes of each step on the way, for whoever gets something else. TEST ONLY.
	Stages map[string]Bytes `json:"stages"`
	// Notes are what is worth knowing beside.
	Notes  string `json:"notes"`
	Given  G      `json:"given"`
	Expect E      `json:"expect"`
}

// Expectation is what a peer does with what it is given, in every layer.
type Expectation struct {
	// Result is accept, ignore or reject.
	Result string `json:"result"`
	// Layer is the one that rejects.
	Layer string `json:"layer"`
	// Error is the reason, as in PROTOCOL.md's appendix B.
	Error string `json:"error"`
	// Connection is what becomes of a stream on which it came: kept, closed or none.
	Connection string `json:"connection"`
}

// Bytes are hex digits in the files, or, what is long, runs that follow each other.
type Bytes []byte

// UnmarshalJSON reads both forms.
func (bytes *Bytes) UnmarshalJSON(text []byte) error {
	var digits string
	if json.Unmarshal(text, &digits) == nil {
		decoded, err := hex.DecodeString(digits)
		*bytes = decoded
		return err
	}
	var runs []struct {
		Hex   string `json:"hex"`
		Times int    `json:"times"`
	}
	if err := json.Unmarshal(text, &runs); err != nil {
		return err
	}
	*bytes = nil
	for _, run := range runs {
		decoded, err := hex.DecodeString(run.Hex)
		if err != nil {
			return err
		}
		for range run.Times {
			*bytes = append(*bytes, decoded...)
		}
	}
	return nil
}

// LoadManifest reads the manifest.
func LoadManifest() (Manifest, error) {
	var manifest Manifest
	text, err := files.ReadFile("manifest.json")
	if err == nil {
		err = json.Unmarshal(text, &manifest)
	}
	return manifest, err
}

// Read gives a file of the manifest as it is.
func Read(file ManifestFile) ([]byte, error) {
	return files.ReadFile(file.Path)
}

// Load reads the vectors of a layer, in types of the caller's. json.RawMessage takes everything.
func Load[G, E any](layer string) ([]Vector[G, E], error) {
	manifest, err := LoadManifest()
	if err != nil {
		return nil, err
	}
	for _, file := range manifest.Files {
		if file.Layer != layer {
			continue
		}
		text, err := Read(file)
		if err != nil {
			return nil, err
		}
		var content struct {
			Vectors []Vector[G, E] `json:"vectors"`
		}
		err = json.Unmarshal(text, &content)
		return content.Vectors, err
	}
	return nil, fmt.Errorf("there are no vectors of the layer %q", layer)
}
