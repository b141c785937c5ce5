// Package lines speaks the line protocol of bench/peers/lines.ts for the harnesses in Go.
package lines

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// Command is one line of standard input.
type Command struct {
	Do        string  `json:"do"`
	Ports     []int   `json:"ports"`
	Seed      int     `json:"seed"`
	Key       []byte  `json:"key"`
	Node      int     `json:"node"`
	ID        string  `json:"id"`
	PerSecond float64 `json:"perSecond"`
	Seconds   float64 `json:"seconds"`
}

// Node is one node of a mesh. Join is called once, Say from any goroutine.
type Node interface {
	Join(seed int) error
	Say(payload string) error
}

// Harness runs the commands and reports what the nodes hear.
type Harness struct {
	// Start makes a node that listens on a port; an empty key means that it does not seal.
	Start    func(port int, key []byte) (Node, error)
	nodes    sync.Map
	ports    []int
	received atomic.Int64
	out      sync.Mutex
}

// Run reads commands until standard input ends.
func (h *Harness) Run() {
	scanner := bufio.NewScanner(os.Stdin)
	for scanner.Scan() {
		var command Command
		if err := json.Unmarshal(scanner.Bytes(), &command); err != nil {
			h.fail(err)
			continue
		}
		switch command.Do {
		case "start":
			h.ports = append(h.ports, command.Ports...)
			for _, port := range command.Ports {
				go h.start(port, command.Seed, command.Key)
			}
		case "change":
			h.report(map[string]any{"type": "changed", "id": command.ID, "at": nowMs()})
			h.say(command.Node, "c "+command.ID)
		case "flood":
			h.received.Store(0)
			go h.flood(command.ID, command.PerSecond, command.Seconds)
		case "count":
			h.report(map[string]any{"type": "count", "received": h.received.Load()})
		}
	}
}

// Heard takes a payload that a node has heard. Each says who said it: a node may hear itself.
func (h *Harness) Heard(port int, payload string) {
	kind, rest, _ := strings.Cut(payload, " ")
	from, id, _ := strings.Cut(rest, " ")
	if from == fmt.Sprint(port) {
		return
	}
	if kind == "f" {
		h.received.Add(1)
	} else {
		h.report(map[string]any{"type": "has", "node": port, "id": id, "at": nowMs()})
	}
}

// Member reports that a node sees another alive, or dead.
func (h *Harness) Member(port int, peer string, alive bool) {
	if peer == fmt.Sprint(port) {
		return
	}
	kind := map[bool]string{true: "up", false: "down"}[alive]
	var peerPort int
	fmt.Sscan(peer, &peerPort)
	h.report(map[string]any{"type": kind, "node": port, "peer": peerPort, "at": nowMs()})
}

func (h *Harness) start(port, seed int, key []byte) {
	node, err := h.Start(port, key)
	if err != nil {
		h.fail(err)
		return
	}
	h.nodes.Store(port, node)
	if seed != 0 {
		if err := node.Join(seed); err != nil {
			h.fail(err)
			return
		}
	}
	h.report(map[string]any{"type": "started", "node": port})
}

func (h *Harness) say(port int, payload string) {
	kind, id, _ := strings.Cut(payload, " ")
	node, _ := h.nodes.Load(port)
	if err := node.(Node).Say(fmt.Sprintf("%s %d %s", kind, port, id)); err != nil {
		h.fail(err)
	}
}

// flood says events from all nodes in turn, what is due every 5 ms.
func (h *Harness) flood(id string, perSecond, seconds float64) {
	said := 0
	begin := time.Now()
	for total := int(perSecond * seconds); said < total; time.Sleep(5 * time.Millisecond) {
		due := min(total, int(perSecond*time.Since(begin).Seconds()))
		for ; said < due; said++ {
			h.say(h.ports[said%len(h.ports)], fmt.Sprintf("f %s-%020d", id, said))
		}
	}
	h.report(map[string]any{"type": "flooded", "said": said, "ms": time.Since(begin).Seconds() * 1000})
}

func (h *Harness) fail(err error) {
	h.report(map[string]any{"type": "error", "message": err.Error()})
}

func (h *Harness) report(line map[string]any) {
	text, _ := json.Marshal(line)
	h.out.Lock()
	defer h.out.Unlock()
	os.Stdout.Write(append(text, '\n'))
}

func nowMs() float64 {
	return float64(time.Now().UnixMicro()) / 1000
}
