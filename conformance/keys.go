package conformance

// KeysGiven is how a mesh is configured.
type KeysGiven struct {
	// Network is passphrases and typed keys, the first of which seals. TEST ONLY.
	Network []string `json:"network"`
	// Cluster is the name of the cluster.
	Cluster string `json:"cluster"`
}

// KeysExpect is the ring that comes of it.
type KeysExpect struct {
	Expectation
	// Keys are each once, the sealing one first; none if it is rejected.
	Keys []DerivedKey `json:"keys"`
}

// DerivedKey is a key with what it was made from. TEST ONLY.
type DerivedKey struct {
	// Secret is a typed key's bytes, or what scrypt gives.
	Secret Bytes `json:"secret"`
	Key    Bytes `json:"key"`
	ID     Bytes `json:"id"`
}

// Keys reads the vectors of keys (PROTOCOL.md, section 4).
func Keys() ([]Vector[KeysGiven, KeysExpect], error) {
	return Load[KeysGiven, KeysExpect]("keys")
}
