package conformance

// EnvelopeGiven is an envelope, and who gets it.
type EnvelopeGiven struct {
	Envelope Bytes `json:"envelope"`
	// Keys are those that the receiver holds, TEST ONLY. None: it is in a public mesh.
	Keys []EnvelopeKey `json:"keys"`
	// Datagram tells how it comes; nil: as a datagram or in a frame.
	Datagram *Datagram `json:"datagram"`
}

// EnvelopeKey is a key that a receiver holds. TEST ONLY.
type EnvelopeKey struct {
	ID  Bytes `json:"id"`
	Key Bytes `json:"key"`
}

// Datagram is what a datagram tells beside its content.
type Datagram struct {
	SourcePort int `json:"sourcePort"`
}

// EnvelopeExpect is what is in the envelope.
type EnvelopeExpect struct {
	Expectation
	// Packet is the serialised packet; nil if it is rejected.
	Packet *Bytes `json:"packet"`
	// KeyID is that of the key that sealed it; none: it came in the clear.
	KeyID Bytes `json:"keyId"`
}

// Envelopes reads the vectors of envelopes (PROTOCOL.md, section 2).
func Envelopes() ([]Vector[EnvelopeGiven, EnvelopeExpect], error) {
	return Load[EnvelopeGiven, EnvelopeExpect]("envelope")
}
