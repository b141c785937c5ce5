package conformance_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"testing"

	"github.com/telepathine/telepathine/conformance"
)

// ownerDigest is an OwnerDigest in ProtoJSON.
type ownerDigest struct {
	Owner       []byte `json:"owner"`
	LogID       []byte `json:"logId"`
	Generation  uint64 `json:"generation,string"`
	Incarnation uint32 `json:"incarnation"`
	Status      string `json:"status"`
	Version     uint64 `json:"version,string"`
	Floor       uint64 `json:"floor,string"`
}

type fingerprint struct {
	Count int    `json:"count"`
	Sum   []byte `json:"sum"`
}

// digestGiven is what somebody claims of digests; the vectors of packets are not for this test.
type digestGiven struct {
	Kind    string        `json:"kind"`
	Digest  ownerDigest   `json:"digest"`
	Digests []ownerDigest `json:"digests"`
	Range   struct {
		Start conformance.Bytes `json:"start"`
		End   conformance.Bytes `json:"end"`
	} `json:"range"`
	Claim struct {
		Canonical conformance.Bytes `json:"canonical"`
		Hash      conformance.Bytes `json:"hash"`
		Count     int               `json:"count"`
		Sum       conformance.Bytes `json:"sum"`
	} `json:"claim"`
	Mine   fingerprint `json:"mine"`
	Theirs fingerprint `json:"theirs"`
}

var statuses = map[string]byte{"STATUS_ALIVE": 1, "STATUS_DEAD": 2, "STATUS_LEFT": 3}

// canonical gives the bytes that are hashed.
func canonical(digest ownerDigest) []byte {
	hashed := append(bytes.Clone(digest.Owner), digest.LogID...)
	hashed = binary.BigEndian.AppendUint64(hashed, digest.Generation)
	hashed = binary.BigEndian.AppendUint32(hashed, digest.Incarnation)
	hashed = append(hashed, statuses[digest.Status])
	hashed = binary.BigEndian.AppendUint64(hashed, digest.Version)
	return binary.BigEndian.AppendUint64(hashed, digest.Floor)
}

func hashOf(digest ownerDigest) []byte {
	hash := sha256.Sum256(canonical(digest))
	return hash[:8]
}

// fingerprintOf sums the hashes of a range, modulo 2^64 as integers of Go do.
func fingerprintOf(given digestGiven) fingerprint {
	var sum uint64
	count := 0
	for _, digest := range given.Digests {
		isBelow := bytes.Compare(digest.Owner, given.Range.Start) < 0
		isAbove := len(given.Range.End) > 0 && bytes.Compare(digest.Owner, given.Range.End) >= 0
		if isBelow || isAbove {
			continue
		}
		count++
		sum += binary.BigEndian.Uint64(hashOf(digest))
	}
	return fingerprint{count, binary.BigEndian.AppendUint64(nil, sum)}
}

func TestDigests(t *testing.T) {
	vectors, err := conformance.Load[digestGiven, conformance.Expectation]("digest")
	if err != nil {
		t.Fatal(err)
	}
	for _, vector := range vectors {
		given := vector.Given
		var isRight bool
		switch given.Kind {
		case "hash":
			isRight = bytes.Equal(canonical(given.Digest), given.Claim.Canonical) &&
				bytes.Equal(hashOf(given.Digest), given.Claim.Hash)
		case "fingerprint":
			found := fingerprintOf(given)
			isRight = found.Count == given.Claim.Count && bytes.Equal(found.Sum, given.Claim.Sum)
		case "agreement":
			isRight = given.Mine.Count == given.Theirs.Count &&
				bytes.Equal(given.Mine.Sum, given.Theirs.Sum)
		default:
			continue
		}
		if isRight != (vector.Expect.Result == "accept") {
			t.Errorf("%s: %t, expected %s", vector.ID, isRight, vector.Expect.Result)
		}
	}
}
