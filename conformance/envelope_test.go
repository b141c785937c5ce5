package conformance_test

import (
	"bytes"
	"testing"

	"github.com/telepathine/telepathine/conformance"
	"golang.org/x/crypto/nacl/secretbox"
)

const (
	plainKind           = 0x11
	sealedKind          = 0x21
	sealedOverheadBytes = 45
	datagramBytesMax    = 1200
)

// openEnvelope gives the packet and the id of its key; or the reason of a refusal.
func openEnvelope(given conformance.EnvelopeGiven) (packet, keyID []byte, reason string) {
	envelope := given.Envelope
	switch {
	case given.Datagram != nil && given.Datagram.SourcePort == 0:
		return nil, nil, "no-source-port"
	case given.Datagram != nil && len(envelope) > datagramBytesMax:
		return nil, nil, "datagram-too-large"
	case len(envelope) == 0:
		return nil, nil, "empty"
	case envelope[0] == plainKind && len(given.Keys) > 0:
		return nil, nil, "plain-in-private"
	case envelope[0] == plainKind:
		return envelope[1:], nil, ""
	case envelope[0] != sealedKind:
		return nil, nil, "unknown-kind"
	case len(given.Keys) == 0:
		return nil, nil, "sealed-in-public"
	case len(envelope) < sealedOverheadBytes:
		return nil, nil, "truncated"
	}
	keyID = envelope[1:5]
	for _, key := range given.Keys {
		if !bytes.Equal(key.ID, keyID) {
			continue
		}
		opened, isAuthentic := secretbox.Open(
			[]byte{}, envelope[29:], (*[24]byte)(envelope[5:29]), (*[32]byte)(key.Key))
		if !isAuthentic {
			return nil, nil, "not-authentic"
		}
		return opened, keyID, ""
	}
	return nil, nil, "unknown-key"
}

func TestEnvelopes(t *testing.T) {
	vectors, err := conformance.Envelopes()
	if err != nil {
		t.Fatal(err)
	}
	for _, vector := range vectors {
		t.Run(vector.ID, func(t *testing.T) {
			packet, keyID, reason := openEnvelope(vector.Given)
			if reason != vector.Expect.Error {
				t.Fatalf("refused as %q, expected %q", reason, vector.Expect.Error)
			}
			if reason != "" {
				return
			}
			if !bytes.Equal(packet, *vector.Expect.Packet) {
				t.Errorf("the packet is %x", packet)
			}
			if !bytes.Equal(keyID, vector.Expect.KeyID) {
				t.Errorf("the key is %x", keyID)
			}
		})
	}
}
