package conformance_test

import (
	"bytes"
	"encoding/binary"
	"testing"

	"github.com/telepathine/telepathine/conformance"
)

// frameReader cuts a stream into envelopes, as a peer in Go would.
type frameReader struct {
	limit  int
	buffer []byte
}

const (
	untrustedFrameBytesMax = 1200
	frameBytesMax          = 16 << 20
)

// push takes a chunk and delivers what is complete; the text is the reason of a refusal.
func (reader *frameReader) push(chunk []byte, deliver func(envelope []byte)) string {
	reader.buffer = append(reader.buffer, chunk...)
	for len(reader.buffer) >= 4 {
		length := binary.BigEndian.Uint32(reader.buffer)
		switch {
		case length == 0:
			return "empty-frame"
		case int64(length) > int64(reader.limit):
			return "frame-too-long"
		case len(reader.buffer) < 4+int(length):
			return ""
		}
		envelope := reader.buffer[4 : 4+length]
		reader.buffer = reader.buffer[4+length:]
		deliver(envelope)
	}
	return ""
}

func TestFraming(t *testing.T) {
	vectors, err := conformance.Framing()
	if err != nil {
		t.Fatal(err)
	}
	for _, vector := range vectors {
		for _, chunking := range vector.Given.Chunkings {
			t.Run(vector.ID+"/"+chunking.Name, func(t *testing.T) {
				checkFraming(t, vector.Given, chunking, vector.Expect)
			})
		}
	}
}

func checkFraming(
	t *testing.T,
	given conformance.FramingGiven,
	chunking conformance.Chunking,
	expect conformance.FramingExpect,
) {
	reader := frameReader{limit: untrustedFrameBytesMax}
	trust := func(frames int) {
		if given.TrustedAfterFrames != nil && frames == *given.TrustedAfterFrames {
			reader.limit = frameBytesMax
		}
	}
	trust(0)
	var frames [][]byte
	reason := ""
	for _, chunk := range chunking.Cut(given.Stream) {
		reason = reader.push(chunk, func(envelope []byte) {
			frames = append(frames, envelope)
			trust(len(frames))
		})
		if reason != "" {
			break
		}
	}
	if reason != expect.Error {
		t.Errorf("refused as %q, expected %q", reason, expect.Error)
	}
	if len(frames) != len(expect.Frames) {
		t.Fatalf("%d frames, expected %d", len(frames), len(expect.Frames))
	}
	for index, frame := range frames {
		if !bytes.Equal(frame, expect.Frames[index]) {
			t.Errorf("frame %d differs", index)
		}
	}
	if reason == "" && len(reader.buffer) != expect.HalfReadBytes {
		t.Errorf("%d bytes half read, expected %d", len(reader.buffer), expect.HalfReadBytes)
	}
}
