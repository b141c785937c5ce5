package conformance

import "encoding/json"

// ProtobufGiven is a serialised message.
type ProtobufGiven struct {
	// Message is Packet, EntryBody or OwnerHeader.
	Message string `json:"message"`
	Bytes   Bytes  `json:"bytes"`
}

// ProtobufExpect is what it means.
type ProtobufExpect struct {
	Expectation
	// Meaning is ProtoJSON, without unknown fields and addresses; none of what is rejected, and where it
	// would be long.
	Meaning json.RawMessage `json:"meaning"`
	// SameBytes: an encoder that is given this meaning should write exactly these bytes.
	SameBytes bool `json:"sameBytes"`
	// OwnerID is, of a header, the id of its owner.
	OwnerID Bytes `json:"ownerId"`
}

// Protobuf reads the vectors of serialised messages (PROTOCOL.md, sections 5 and 8).
func Protobuf() ([]Vector[ProtobufGiven, ProtobufExpect], error) {
	return Load[ProtobufGiven, ProtobufExpect]("protobuf")
}
