// The harness of serf, as a library, so that all nodes share one process as the others' do.
package main

import (
	"fmt"
	"io"

	"github.com/hashicorp/memberlist"
	"github.com/hashicorp/serf/serf"

	"telepathine-bench/lines"
)

func main() {
	harness := &lines.Harness{}
	harness.Start = func(port int, key []byte) (lines.Node, error) { return start(harness, port, key) }
	harness.Run()
}

type node struct{ serf *serf.Serf }

func start(harness *lines.Harness, port int, key []byte) (lines.Node, error) {
	config := serf.DefaultConfig()
	config.NodeName = fmt.Sprint(port)
	config.LogOutput = io.Discard
	// The agent's default, `-profile=lan`: a probe each second, gossip each 200 ms.
	config.MemberlistConfig = memberlist.DefaultLANConfig()
	config.MemberlistConfig.BindAddr, config.MemberlistConfig.BindPort = "127.0.0.1", port
	config.MemberlistConfig.AdvertiseAddr, config.MemberlistConfig.AdvertisePort = "127.0.0.1", port
	config.MemberlistConfig.LogOutput = io.Discard
	// What `serf agent -encrypt` sets; 32 bytes select AES-256.
	config.MemberlistConfig.SecretKey = key
	// The agent's buffer has 64 places (command/agent/agent.go); more of them never hold serf up.
	events := make(chan serf.Event, 4096)
	config.EventCh = events
	go listen(harness, port, events)
	running, err := serf.Create(config)
	return &node{running}, err
}

func listen(harness *lines.Harness, port int, events chan serf.Event) {
	for event := range events {
		switch event := event.(type) {
		case serf.UserEvent:
			harness.Heard(port, string(event.Payload))
		case serf.MemberEvent:
			if event.Type == serf.EventMemberUpdate || event.Type == serf.EventMemberReap {
				continue
			}
			for _, member := range event.Members {
				harness.Member(port, member.Name, event.Type == serf.EventMemberJoin)
			}
		}
	}
}

func (n *node) Join(seed int) error {
	_, err := n.serf.Join([]string{fmt.Sprintf("127.0.0.1:%d", seed)}, true)
	return err
}

// Say says a user event that is not coalesced: each one counts.
func (n *node) Say(payload string) error {
	return n.serf.UserEvent("bench", []byte(payload), false)
}
