//go:build linux

package endtoend

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"netperfmeter/test/lab"
)

// walkSeed makes the walks repeatable, as far as what is sent goes.
const walkSeed = 20261

// marked makes a measurement ID as a program of this project has it (PROTOCOL.md), so that EXTENSION is in play.
func marked(upper uint64) uint64 {
	upper &= 1<<48 - 1
	return upper<<16 | (upper+1)*0x9e3779b97f4a7c15>>48
}

// extension makes one part of an EXTENSION.
func (h hostile) extension(kind uint16, last bool, body []byte) []byte {
	flags := uint8(1 << 4)
	if last {
		flags |= 1
	}
	b := message(0x10, flags, 16+len(body))
	big.PutUint16(b[4:], kind)
	big.PutUint64(b[8:], h.measurement)
	copy(b[16:], body)
	return b
}

// walker is a hostile client that knows the protocol.
type walker struct {
	*rand.Rand
	hostile
}

// bodies are what extensions may say, right and wrong.
var bodies = []string{"", "{}", "[]", "{", "null", `{"seed":1}`, `{"interval_ms":-5}`, `{"flows":[{"flow":1,"rate":"poisson50"}]}`, `{"runtime_us":9e18}`,
	`{"flows":[{"flow":1,"bytes":18446744073709551615}]}`, `{"sent_ns":1}`, `{"sent_ns":-9223372036854775808,"offset_ns":9223372036854775807,"vectors":true}`,
	`{"first":-1}`, `{"first":4000000000}`, `{"flow":1,"stream":0,"offset":-1}`, `{"flow":1,"offset":9223372036854775807}`, `{"nonce":"AAAA"}`,
	`{"nonce":"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="}`, `{"proof":"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="}`}

// control makes a message for the control channel, of a kind that the protocol has; flows are 0 to 3.
func (w *walker) control() (name string, b []byte) {
	id := uint32(w.IntN(4))
	other := hostile{measurement: w.measurement ^ 1<<uint(w.IntN(64))}
	switch w.IntN(12) {
	case 0, 1:
		return "ADD_FLOW", w.addFlow(id, func(b []byte) []byte {
			binary.LittleEndian.PutUint16(b[18:], []uint16{6, 6, 17, 262, 132, 33, 261, 0}[w.IntN(8)])
			if w.IntN(2) == 0 {
				b = withEvents(b, w.IntN(4), []int{36, 40}[w.IntN(2)], nil)
			}
			return b
		})
	case 2:
		return "REMOVE_FLOW", w.removeFlow(id)
	case 3:
		return "START", w.start()
	case 4:
		return "START", noFiles(w.start())
	case 5:
		return "STOP", w.stop()
	case 6, 7:
		body := bodies[w.IntN(len(bodies))]
		return "EXTENSION", w.extension(uint16(w.IntN(11)), w.IntN(8) > 0, []byte(body))
	case 8:
		return "EXTENSION part", w.extension(uint16(w.IntN(11)), false, make([]byte, 16384))
	case 9:
		return "of another measurement", [][]byte{other.addFlow(id, nil), other.start(), other.stop(), other.removeFlow(id), other.extension(2, true, nil)}[w.IntN(5)]
	case 10:
		return "of a data channel", [][]byte{w.identify(id), w.data(id, 100), w.acknowledge(id), message(8, 1, 100)}[w.IntN(4)]
	}
	kind := uint8(w.IntN(256))
	return "of any type", message(kind, uint8(w.IntN(256)), 4+w.IntN(300))
}

// onData makes a message for a data channel.
func (w *walker) onData() (name string, b []byte) {
	id := uint32(w.IntN(4))
	switch w.IntN(6) {
	case 0, 1, 2:
		return "DATA", w.data(id, 48+w.IntN(2000))
	case 3:
		return "IDENTIFY_FLOW", w.identify(id)
	case 4:
		return w.control()
	}
	return "of any type", message(uint8(w.IntN(256)), uint8(w.IntN(256)), 4+w.IntN(300))
}

// mutate changes a message in one of the ways in which messages are wrong.
func (w *walker) mutate(b []byte) []byte {
	b = bytes.Clone(b)
	switch w.IntN(6) {
	case 0: // bits
		for range 1 + w.IntN(8) {
			b[w.IntN(len(b))] ^= 1 << w.IntN(8)
		}
	case 1: // a length that is not its own
		big.PutUint16(b[2:], uint16(w.IntN(65536)))
	case 2: // cut, with a length that is right again or not
		b = b[:w.IntN(len(b))]
		if len(b) >= 4 && w.IntN(2) == 0 {
			big.PutUint16(b[2:], uint16(len(b)))
		}
	case 3: // longer
		for range 1 + w.IntN(200) {
			b = append(b, uint8(w.IntN(256)))
		}
		if w.IntN(2) == 0 {
			big.PutUint16(b[2:], uint16(len(b)))
		}
	case 4: // a field at its ends
		at := w.IntN(len(b))
		for i := at; i < min(at+1<<w.IntN(4), len(b)); i++ {
			b[i] = []byte{0, 0xff, 0x7f, 0x80}[w.IntN(4)]
		}
	case 5: // another type
		b[0] = uint8(w.IntN(256))
	}
	return b
}

// tally counts what was sent and what came back.
type tally struct {
	mu     sync.Mutex
	counts map[string]int
}

func (c *tally) add(what string, n int) {
	c.mu.Lock()
	c.counts[what] += n
	c.mu.Unlock()
}

func (c *tally) String() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	var names []string
	for name := range c.counts {
		names = append(names, name)
	}
	sort.Strings(names)
	var text strings.Builder
	for _, name := range names {
		fmt.Fprintf(&text, "\n%8d %s", c.counts[name], name)
	}
	return text.String()
}

// answers reads to the end of a control channel: nothing but whole messages that a passive side may send.
func (c *tally) answers(conn net.Conn) error {
	conn.SetReadDeadline(time.Now().Add(patience))
	header := make([]byte, 4)
	for {
		_, err := io.ReadFull(conn, header)
		if err == nil {
			length := int(big.Uint16(header[2:]))
			if length < 4 {
				return fmt.Errorf("an answer of %d bytes", length)
			}
			b := append(bytes.Clone(header), make([]byte, length-4)...)
			_, err = io.ReadFull(conn, b[4:])
			if err == nil {
				name := map[byte]string{1: "ACKNOWLEDGE", 8: "RESULTS", 16: "EXTENSION"}[b[0]]
				switch {
				case name == "", b[0] == 1 && length != 24, b[0] == 8 && length > 1404:
					return fmt.Errorf("an answer that is none: %x", b)
				case b[0] == 1:
					name = fmt.Sprintf("%s, Status %d", name, big.Uint32(b[20:]))
				}
				c.add("answers: "+name, 1)
				continue
			}
		}
		switch {
		case errors.Is(err, os.ErrDeadlineExceeded):
			return errors.New("the connection is still open, and silent")
		case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE):
			return nil // closed with something unread, it is reset
		}
		return err
	}
}

// walk is one conversation: messages right and wrong on a control channel and on data channels, and the end of all.
func (v *victims) walk(number int, counts *tally) error {
	w := &walker{Rand: rand.New(rand.NewPCG(walkSeed, uint64(number)))}
	w.measurement = 0x3333_0000_0000_0000 + uint64(number)
	if number%3 > 0 {
		w.measurement = marked(0x3333_0000_0000 + uint64(number))
	}
	dial := func(network, address string) (conn net.Conn, err error) {
		d := net.Dialer{Timeout: patience}
		err = v.n.Do(func() (err error) { conn, err = d.Dial(network, address); return err })
		return conn, err
	}
	conn, err := dial("tcp", "127.0.0.1:9001")
	if err != nil {
		return err
	}
	defer conn.Close()
	data := map[string]net.Conn{"127.0.0.1:9000": nil, "127.0.0.1:8999": nil, "udp": nil}
	for at := range data {
		network, address := "tcp", at
		if at == "udp" {
			network, address = "udp", "127.0.0.1:9000"
		}
		if data[at], err = dial(network, address); err != nil {
			return err
		}
		defer data[at].Close()
	}
	ports := []string{"127.0.0.1:9000", "127.0.0.1:8999", "udp"}

	state := stateNames[number%states]
	setUp := v.lead(w, number%states, true, conn, data["127.0.0.1:9000"])
	if setUp != nil {
		return fmt.Errorf("setting up: %w", setUp)
	}
	for range 1 + w.IntN(8) {
		on, target := "control", conn
		name, b := w.control()
		if w.IntN(3) == 0 {
			on, target = "data", data[ports[w.IntN(3)]]
			name, b = w.onData()
		}
		kind := "valid"
		if w.IntN(2) == 0 {
			kind, b = "mutated", w.mutate(b)
		}
		counts.add(fmt.Sprintf("sent when %s: %s", state, kind), 1)
		counts.add("sent on "+on+": "+name, 1)
		target.Write(b) // fails where the connection is closed already
	}
	for _, c := range []net.Conn{data["127.0.0.1:9000"], data["127.0.0.1:8999"], conn} {
		c.(*net.TCPConn).CloseWrite()
	}
	if err := counts.answers(conn); err != nil {
		return err
	}
	// With the control channel everything else of the client has gone.
	for _, at := range ports[:2] {
		data[at].SetReadDeadline(time.Now().Add(patience))
		if _, err := io.Copy(io.Discard, data[at]); errors.Is(err, os.ErrDeadlineExceeded) {
			return fmt.Errorf("the data connection to %s is still open", at)
		}
	}
	return nil
}

// lead brings a conversation to a state with flow 0 over TCP, with any combination of result files or with none.
func (v *victims) lead(w *walker, state int, files bool, conn, data net.Conn) error {
	add := w.addFlow(0, nil)
	step := func(at int, on net.Conn, b, key []byte) error {
		if state < at {
			return nil
		}
		on.Write(b)
		if got := answer(conn, key, patience); got != okay {
			return fmt.Errorf("%v in state %d", got, at)
		}
		return nil
	}
	identify := w.identify(0)
	start := noFiles(w.start())
	identify[1] = 2
	if files {
		identify[1], start[1] = uint8(w.IntN(3)), uint8(w.IntN(16))
	}
	return errors.Join(step(added, conn, add, add), step(identified, data, identify, add),
		step(running, conn, start, start), step(stopped, conn, w.stop(), w.stop()))
}

// TestHostileWalks: a client that brings a conversation into every state and then says whatever there is, right and
// wrong, on all channels. Every connection ends, every answer is one, and the sound measurement beside it is untouched.
func TestHostileWalks(t *testing.T) {
	const walks = 1000
	for _, locked := range []bool{false, true} {
		t.Run(fmt.Sprintf("locked %v", locked), func(t *testing.T) {
			var key []string
			if locked {
				key = []string{"--key-file", keyFile(t, aKey, 0o600)}
			}
			v := startVictims(t, key...)
			before := lab.Descriptors(v.passive.PID)
			counts := &tally{counts: make(map[string]int)}
			numbers := make(chan int)
			var walking sync.WaitGroup
			for range 32 {
				walking.Go(func() {
					for number := range numbers {
						if err := v.walk(number, counts); err != nil {
							t.Errorf("walk %d of seed %d: %v", number, walkSeed, err)
						}
					}
				})
			}
			for number := range walks {
				if locked {
					number *= states // with a key there is no way beyond the first state
				}
				numbers <- number
			}
			close(numbers)
			walking.Wait()
			v.passive.Await(t, "nothing left of the hostile clients", patience, func() bool { return lab.Descriptors(v.passive.PID) <= before+2 })
			v.unharmed(t)
			t.Logf("%d walks:%v", walks, counts)
		})
	}
}

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
