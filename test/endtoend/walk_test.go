//go:build linux

package endtoend

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"os"
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

// channels opens a control channel and a data channel over TCP, MPTCP's port, and UDP.
func (v *victims) channels() (conn net.Conn, data []net.Conn, err error) {
	for _, at := range [][2]string{{"tcp", "127.0.0.1:9000"}, {"tcp", "127.0.0.1:8999"}, {"udp", "127.0.0.1:9000"}, {"tcp", "127.0.0.1:9001"}} {
		d := net.Dialer{Timeout: patience}
		if err := v.n.Do(func() (err error) { conn, err = d.Dial(at[0], at[1]); return err }); err != nil {
			return nil, data, err
		}
		data = append(data, conn)
	}
	return conn, data[:3], nil
}

// walk is one conversation: messages right and wrong on a control channel and on data channels, and the end of all.
func (v *victims) walk(number int, counts *tally) error {
	w := &walker{Rand: rand.New(rand.NewPCG(walkSeed, uint64(number)))}
	w.measurement = 0x3333_0000_0000_0000 + uint64(number)
	if number%3 > 0 {
		w.measurement = marked(0x3333_0000_0000 + uint64(number))
	}
	conn, data, err := v.channels()
	for _, c := range data {
		defer c.Close()
	}
	if err != nil {
		return err
	}
	defer conn.Close()

	state := stateNames[number%states]
	setUp := v.lead(w, number%states, true, conn, data[0])
	if setUp != nil {
		return fmt.Errorf("setting up: %w", setUp)
	}
	for range 1 + w.IntN(8) {
		on, target := "control", conn
		name, b := w.control()
		if w.IntN(3) == 0 {
			on, target = "data", data[w.IntN(3)]
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
	for _, c := range []net.Conn{data[0], data[1], conn} {
		c.(*net.TCPConn).CloseWrite()
	}
	if err := counts.answers(conn); err != nil {
		return err
	}
	// With the control channel everything else of the client has gone.
	for _, c := range data[:2] {
		c.SetReadDeadline(time.Now().Add(patience))
		if _, err := io.Copy(io.Discard, c); errors.Is(err, os.ErrDeadlineExceeded) {
			return fmt.Errorf("the data connection to %v is still open", c.RemoteAddr())
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
			v.passive.Await(t, "nothing left of the hostile clients", patience, func() bool { return lab.Descriptors(v.passive.PID) <= before+2+lab.KeptDescriptors() })
			v.unharmed(t)
			t.Logf("%d walks:%v", walks, counts)
		})
	}
}
