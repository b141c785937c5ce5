package conformance

// FramingGiven is what comes on a stream, and how.
type FramingGiven struct {
	// Stream is all that comes.
	Stream Bytes `json:"stream"`
	// Chunkings are ways to cut it, each of which gives the same result.
	Chunkings []Chunking `json:"chunkings"`
	// TrustedAfterFrames is the frame with which the receiver begins to trust the stream; 0: it does
	// already; nil: never.
	TrustedAfterFrames *int `json:"trustedAfterFrames"`
}

// Chunking is a way to cut a stream.
type Chunking struct {
	Name string `json:"name"`
	// Sizes are the bytes of each chunk. The last one repeats until the stream is used up.
	Sizes []int `json:"sizes"`
}

// Cut gives the chunks of a stream.
func (chunking Chunking) Cut(stream []byte) [][]byte {
	var chunks [][]byte
	for index := 0; len(stream) > 0; index++ {
		size := min(chunking.Sizes[min(index, len(chunking.Sizes)-1)], len(stream))
		chunks = append(chunks, stream[:size])
		stream = stream[size:]
	}
	return chunks
}

// FramingExpect is what a receiver makes of a stream.
type FramingExpect struct {
	Expectation
	// Frames are the envelopes that are delivered, also before a refusal.
	Frames []Bytes `json:"frames"`
	// HalfReadBytes are those of a frame that is half read at the end, its prefix included.
	HalfReadBytes int `json:"halfReadBytes"`
}

// Framing reads the vectors of frames on a stream (PROTOCOL.md, section 3).
func Framing() ([]Vector[FramingGiven, FramingExpect], error) {
	return Load[FramingGiven, FramingExpect]("framing")
}
