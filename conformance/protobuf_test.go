package conformance_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"strconv"
	"testing"

	"github.com/telepathine/telepathine/conformance"
)

var errMalformed = errors.New("malformed")

// field is a field of a message: its number, or its content.
type field struct {
	number  uint64
	value   uint64
	content []byte
}

// fieldsOf reads the fields of a message; what is inside them is left as it is.
func fieldsOf(message []byte) ([]field, error) {
	var fields []field
	for len(message) > 0 {
		next, rest, err := nextField(message)
		if err != nil {
			return nil, err
		}
		fields = append(fields, next)
		message = rest
	}
	return fields, nil
}

func nextField(message []byte) (field, []byte, error) {
	tag, size := binary.Uvarint(message)
	if size <= 0 || tag>>3 == 0 || tag > 1<<32-1 {
		return field{}, nil, errMalformed
	}
	next := field{number: tag >> 3}
	rest := message[size:]
	switch tag & 7 {
	case 0:
		next.value, size = binary.Uvarint(rest)
		if size <= 0 {
			return field{}, nil, errMalformed
		}
		return next, rest[size:], nil
	case 1, 5:
		width := map[uint64]int{1: 8, 5: 4}[tag&7]
		if len(rest) < width {
			return field{}, nil, errMalformed
		}
		return next, rest[width:], nil
	case 2:
		length, size := binary.Uvarint(rest)
		if size <= 0 || length > uint64(len(rest)-size) {
			return field{}, nil, errMalformed
		}
		end := size + int(length)
		next.content = rest[size:end]
		return next, rest[end:], nil
	case 3:
		rest, err := afterGroup(rest, next.number)
		return next, rest, err
	}
	return field{}, nil, errMalformed
}

// afterGroup passes over an unknown group.
func afterGroup(message []byte, number uint64) ([]byte, error) {
	for len(message) > 0 {
		tag, size := binary.Uvarint(message)
		if size > 0 && tag == number<<3|4 {
			return message[size:], nil
		}
		_, rest, err := nextField(message)
		if err != nil {
			return nil, err
		}
		message = rest
	}
	return nil, errMalformed
}

// last gives the field of a number that counts: of a scalar the last one.
func last(fields []field, number uint64) field {
	var found field
	for _, each := range fields {
		if each.number == number {
			found = each
		}
	}
	return found
}

func TestProtobuf(t *testing.T) {
	vectors, err := conformance.Protobuf()
	if err != nil {
		t.Fatal(err)
	}
	for _, vector := range vectors {
		t.Run(vector.ID, func(t *testing.T) {
			fields, err := fieldsOf(vector.Given.Bytes)
			if err != nil && vector.Expect.Result == "accept" {
				t.Fatal(err)
			}
			switch {
			case vector.Expect.Result != "accept":
				return
			case vector.Given.Message == "Packet" && vector.Expect.Meaning != nil:
				checkPacket(t, fields, vector.Expect.Meaning)
			case vector.Given.Message == "OwnerHeader":
				hash := sha256.Sum256(last(fields, 2).content)
				if !bytes.Equal(hash[:8], vector.Expect.OwnerID) {
					t.Errorf("the owner id is %x", hash[:8])
				}
			}
		})
	}
}

func checkPacket(t *testing.T, fields []field, expected json.RawMessage) {
	var meaning struct {
		Protocol uint32 `json:"protocol"`
		UptimeMs string `json:"uptimeMs"`
		Token    []byte `json:"token"`
	}
	if err := json.Unmarshal(expected, &meaning); err != nil {
		t.Fatal(err)
	}
	uptimeMs := last(fields, 5).value
	if meaning.UptimeMs == "" {
		meaning.UptimeMs = "0"
	}
	if strconv.FormatUint(uptimeMs, 10) != meaning.UptimeMs {
		t.Errorf("the uptime is %d, expected %s", uptimeMs, meaning.UptimeMs)
	}
	if protocol := uint32(last(fields, 2).value); protocol != meaning.Protocol {
		t.Errorf("the protocol is %d, expected %d", protocol, meaning.Protocol)
	}
	if token := last(fields, 6).content; !bytes.Equal(token, meaning.Token) {
		t.Errorf("the token is %x, expected %x", token, meaning.Token)
	}
}
