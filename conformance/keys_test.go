package conformance_test

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"strings"
	"testing"

	"github.com/telepathine/telepathine/conformance"
	"golang.org/x/crypto/scrypt"
)

const (
	keyPrefix       = "telepathine-key-v1:"
	keyFamilyPrefix = "telepathine-key-"
	keyIDsMax       = 16
	clusterBytesMax = 255
)

var errConfiguration = errors.New("configuration")

// secretOf gives the secret of a typed key or a passphrase.
func secretOf(text, cluster string) ([]byte, error) {
	if text == "" {
		return nil, errConfiguration
	}
	if !strings.HasPrefix(text, keyFamilyPrefix) {
		salt := []byte("telepathine/v1/passphrase\x00" + cluster)
		return scrypt.Key([]byte(text), salt, 1<<15, 8, 1, 32)
	}
	encoded, isTyped := strings.CutPrefix(text, keyPrefix)
	// The decoder passes over line ends, which no key has.
	secret, err := base64.RawURLEncoding.Strict().DecodeString(encoded)
	if !isTyped || err != nil || len(secret) != 32 || strings.ContainsAny(encoded, "\r\n") {
		return nil, errConfiguration
	}
	return secret, nil
}

// deriveKey gives the sealing key of a secret, and its id.
func deriveKey(secret []byte, cluster string) (key, id []byte) {
	mac := hmac.New(sha256.New, secret)
	mac.Write([]byte("telepathine/v1/seal\x00" + cluster))
	key = mac.Sum(nil)
	hash := sha256.Sum256(append([]byte("telepathine/v1/key-id\x00"), key...))
	return key, hash[:4]
}

// deriveRing gives the keys of a network, each once, the sealing one first.
func deriveRing(network []string, cluster string) ([]conformance.DerivedKey, error) {
	if len(network) < 1 || len(network) > keyIDsMax || len(cluster) > clusterBytesMax {
		return nil, errConfiguration
	}
	var ring []conformance.DerivedKey
	for _, text := range network {
		secret, err := secretOf(text, cluster)
		if err != nil {
			return nil, err
		}
		key, id := deriveKey(secret, cluster)
		isThere := false
		for _, other := range ring {
			if !bytes.Equal(other.ID, id) {
				continue
			}
			if !bytes.Equal(other.Key, key) {
				return nil, errConfiguration
			}
			isThere = true
		}
		if !isThere {
			ring = append(ring, conformance.DerivedKey{Secret: secret, Key: key, ID: id})
		}
	}
	return ring, nil
}

func TestKeys(t *testing.T) {
	vectors, err := conformance.Keys()
	if err != nil {
		t.Fatal(err)
	}
	for _, vector := range vectors {
		t.Run(vector.ID, func(t *testing.T) {
			ring, err := deriveRing(vector.Given.Network, vector.Given.Cluster)
			if isTaken := err == nil; isTaken != (vector.Expect.Result == "accept") {
				t.Fatalf("%v, expected %s", err, vector.Expect.Result)
			}
			if len(ring) != len(vector.Expect.Keys) {
				t.Fatalf("%d keys, expected %d", len(ring), len(vector.Expect.Keys))
			}
			for index, expected := range vector.Expect.Keys {
				found := ring[index]
				if !bytes.Equal(found.Secret, expected.Secret) ||
					!bytes.Equal(found.Key, expected.Key) || !bytes.Equal(found.ID, expected.ID) {
					t.Errorf("key %d is %x with the id %x", index, found.Key, found.ID)
				}
			}
		})
	}
}
