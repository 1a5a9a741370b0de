//go:build linux

package endtoend

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"netperfmeter/test/lab"
)

// TestEveryTypeInEveryState: the tables of PROTOCOL.md, message by message.
func TestEveryTypeInEveryState(t *testing.T) {
	v := startVictims(t)
	root, err := lab.Root()
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(root, "wire", "PROTOCOL.md"))
	if err != nil {
		t.Fatal(err)
	}
	names := map[int]string{2: "ADD_FLOW", 3: "REMOVE_FLOW", 6: "START", 7: "STOP", 16: "EXTENSION"}
	row := func(name string) []string {
		for line := range strings.Lines(string(text)) {
			if cells := strings.Split(line, "|"); len(cells) == 7 && strings.TrimSpace(cells[1]) == name {
				return []string{strings.TrimSpace(cells[3]), strings.TrimSpace(cells[3]), strings.TrimSpace(cells[3]), strings.TrimSpace(cells[4]), strings.TrimSpace(cells[5])}
			}
		}
		t.Fatalf("PROTOCOL.md has no row of a control connection for %s", name)
		return nil
	}
	counts := &tally{counts: make(map[string]int)}
	var talking sync.WaitGroup
	type item struct{ kind, state int }
	items := make(chan item)
	for range 16 {
		talking.Go(func() {
			for i := range items {
				name := names[i.kind]
				if name == "" {
					name = "any other"
				}
				want := row(name)[i.state]
				got, err := v.say(i.kind, i.state)
				if err != nil || want != "looked at" && got.String() != want {
					t.Errorf("type %d when %s: %v instead of %s, %v", i.kind, stateNames[i.state], got, want, err)
				}
				counts.add(fmt.Sprintf("%s: %v", stateNames[i.state], got), 1)
			}
		})
	}
	for kind := range 256 {
		for state := range states {
			items <- item{kind, state}
		}
	}
	close(items)
	talking.Wait()
	v.unharmed(t)
	t.Logf("%d types in %d states:%v", 256, states, counts)
}

// say brings a conversation to a state, sends a message of a type there, and returns its answer.
func (v *victims) say(kind, state int) (outcome, error) {
	h := hostile{measurement: 0x4444_0000_0000_0000 + uint64(kind)<<8 + uint64(state)}
	w := &walker{Rand: rand.New(rand.NewPCG(walkSeed, h.measurement)), hostile: h}
	var conns [2]net.Conn
	for i, at := range []string{"127.0.0.1:9001", "127.0.0.1:9000"} {
		err := v.n.Do(func() (err error) { conns[i], err = net.DialTimeout("tcp", at, patience); return err })
		if err != nil {
			return wrong, err
		}
		defer conns[i].Close()
	}
	if err := v.lead(w, min(state, running), false, conns[0], conns[1]); err != nil {
		return wrong, err
	}
	if state == stopped {
		conns[1].Close() // nothing in flight that STOP would wait for
		conns[0].Write(h.stop())
		if got := answer(conns[0], h.stop(), patience); got != okay {
			return got, errors.New("STOP was not acknowledged")
		}
	}
	b := map[int][]byte{2: h.addFlow(0, nil), 3: h.removeFlow(99), 6: (&hostile{}).start(), 7: (&hostile{}).stop(), 16: h.extension(2, true, nil)}[kind]
	if b == nil {
		b = message(uint8(kind), 0, 40)
	}
	conns[0].Write(b)
	return answer(conns[0], nil, patience), nil
}

// TestTwoFlowsOnOneConnection: a connection is one flow's.
func TestTwoFlowsOnOneConnection(t *testing.T) {
	v := guarded(t)
	c := v.talk(t)
	c.bring(identified)
	c.say(c.addFlow(2, nil), c.addFlow(2, nil))
	c.data.Write(c.identify(1)) // again: ignored
	c.data.Write(c.identify(2))
	if got := answer(c.data, nil, patience); got != closed {
		t.Errorf("%v instead of %v", got, closed)
	}
	v.said(t, "data connection closed", "refusal=out_of_order", "on the connection of")
}
