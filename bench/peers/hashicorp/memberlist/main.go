// The harness of HashiCorp memberlist.
package main

import (
	"fmt"
	"io"
	"sync"

	"github.com/hashicorp/memberlist"

	"telepathine-bench/lines"
)

func main() {
	harness := &lines.Harness{}
	harness.Start = func(port int, key []byte) (lines.Node, error) { return start(harness, port, key) }
	harness.Run()
}

type node struct {
	harness *lines.Harness
	port    int
	list    *memberlist.Memberlist
	queue   *memberlist.TransmitLimitedQueue
	mutex   sync.Mutex
	seen    map[string]bool
}

func start(harness *lines.Harness, port int, key []byte) (lines.Node, error) {
	// DefaultLANConfig is "a sane set of configurations for Memberlist ... for most LAN
	// environments" (config.go): a probe each second, gossip to 3 nodes each 200 ms.
	config := memberlist.DefaultLANConfig()
	config.Name = fmt.Sprint(port)
	config.BindAddr, config.BindPort = "127.0.0.1", port
	config.AdvertiseAddr, config.AdvertisePort = "127.0.0.1", port
	// 32 bytes select AES-256 (config.go, SecretKey).
	config.SecretKey = key
	config.LogOutput = io.Discard
	self := &node{harness: harness, port: port, seen: map[string]bool{}}
	config.Events = self
	config.Delegate = self
	self.queue = &memberlist.TransmitLimitedQueue{
		NumNodes:       func() int { return self.list.NumMembers() },
		RetransmitMult: config.RetransmitMult,
	}
	var err error
	self.list, err = memberlist.Create(config)
	return self, err
}

func (n *node) Join(seed int) error {
	_, err := n.list.Join([]string{fmt.Sprintf("127.0.0.1:%d", seed)})
	return err
}

// Say queues a broadcast, "piggybacked" on gossip (delegate.go): what memberlist has for news
// beside 512 bytes of metadata.
func (n *node) Say(payload string) error {
	n.isNew(payload)
	n.queue.QueueBroadcast(broadcast(payload))
	return nil
}

// NotifyMsg queues what is new again: memberlist itself hands a user's broadcast on only from its
// origin, and serf, which is built on it, does the same.
func (n *node) NotifyMsg(bytes []byte) {
	payload := string(bytes)
	if !n.isNew(payload) {
		return
	}
	n.queue.QueueBroadcast(broadcast(payload))
	n.harness.Heard(n.port, payload)
}

func (n *node) isNew(payload string) bool {
	n.mutex.Lock()
	defer n.mutex.Unlock()
	isNew := !n.seen[payload]
	n.seen[payload] = true
	return isNew
}

func (n *node) GetBroadcasts(overhead, limit int) [][]byte {
	return n.queue.GetBroadcasts(overhead, limit)
}

func (n *node) NotifyJoin(peer *memberlist.Node)  { n.harness.Member(n.port, peer.Name, true) }
func (n *node) NotifyLeave(peer *memberlist.Node) { n.harness.Member(n.port, peer.Name, false) }
func (n *node) NotifyUpdate(*memberlist.Node)     {}
func (n *node) NodeMeta(int) []byte               { return nil }
func (n *node) LocalState(bool) []byte            { return nil }
func (n *node) MergeRemoteState([]byte, bool)     {}

type broadcast string

func (b broadcast) Invalidates(memberlist.Broadcast) bool { return false }
func (b broadcast) Message() []byte                       { return []byte(b) }
func (b broadcast) Finished()                             {}

// UniqueBroadcast says that none invalidates another, so that the queue need not compare them.
func (b broadcast) UniqueBroadcast() {}
