//go:build linux

package endtoend

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"net"
	"os"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"netperfmeter/test/lab"
)

// victims is a passive side with a sound measurement on it, which must not
// notice what others say to the same passive side.
type victims struct {
	n       *lab.Namespace
	passive *lab.Process
	active  *lab.Process
	dir     string
	next    atomic.Uint64 // measurement IDs of the hostile ones
}

func startVictims(t *testing.T, options ...string) *victims {
	t.Helper()
	v := &victims{n: lab.Loopback(t), dir: t.TempDir()}
	v.next.Store(0x1111_0000_0000_0000)
	v.passive = v.n.StartPassive(t, 9000, options...)
	v.active = v.n.Start(t, lab.Ours(t, append([]string{"127.0.0.1", "-scalar=r.sca", "-vector=r.vec",
		"-tcp", "const50:const1000:const50:const500", "-mptcp", "const50:const1000", "-udp", "const50:const200:const50:const100"}, options...)...).
		In(v.dir).For(5*time.Minute))
	v.active.Await(t, "measuring", 30*time.Second, func() bool { return strings.Contains(v.passive.Output(), "measurement started") })
	return v
}

// unharmed ends the sound measurement and looks at what it gave.
func (v *victims) unharmed(t *testing.T) {
	t.Helper()
	v.active.Signal(syscall.SIGINT)
	if r := v.active.Wait(); r.Code != 0 {
		t.Fatalf("the sound measurement: %v", r)
	}
	results := lab.ReadResults(t, v.dir, "r.sca", "r.vec")
	agree(t, results, []expected{
		{id: 0, stream: true, outgoing: way{frame: travels(1000, 16000)}, incoming: way{frame: travels(500, 16000)}},
		{id: 1, stream: true, outgoing: way{frame: travels(1000, 16000)}, incoming: way{idle: true}},
		{id: 2, outgoing: way{frame: travels(200, 16000)}, incoming: way{frame: travels(100, 16000)}}})
	for _, s := range []*lab.Scalars{results.Active, results.Passive} {
		if lost := s.Counts(t, "total", "Lost"); lost != (lab.Counts{}) {
			t.Errorf("the sound measurement lost %+v on the %s side", lost, s.Side)
		}
	}
	if r := v.passive.Stop(); r.Code != 0 {
		t.Errorf("passive side: %v", r)
	}
}

// talk is a hostile client's control channel, with its data channel.
type talk struct {
	hostile
	t    *testing.T
	v    *victims
	conn net.Conn
	data net.Conn
}

func (v *victims) talk(t *testing.T) *talk {
	t.Helper()
	c := &talk{t: t, v: v, hostile: hostile{measurement: v.next.Add(1) << 16}}
	c.conn = v.dial(t, "tcp", "127.0.0.1:9001")
	return c
}

func (v *victims) dial(t *testing.T, network, address string) net.Conn {
	t.Helper()
	return dialFrom(t, v.n, network, "", address)
}

// dialFrom connects inside a namespace, from an address if one is given.
func dialFrom(t *testing.T, n *lab.Namespace, network, local, remote string) net.Conn {
	t.Helper()
	d := net.Dialer{Timeout: 20 * time.Second}
	if local != "" {
		d.LocalAddr = &net.UDPAddr{IP: net.ParseIP(local)}
	}
	var conn net.Conn
	if err := n.Do(func() (err error) { conn, err = d.Dial(network, remote); return err }); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return conn
}

// outcome is what a message leads to.
type outcome int

const (
	closed  outcome = iota // the connection is closed
	refused                // ACKNOWLEDGE with Status 1
	okay                   // ACKNOWLEDGE with Status 0
	silent                 // nothing
	wrong                  // something else
)

func (o outcome) String() string {
	return [...]string{"closed", "refused", "acknowledged", "not answered", "answered wrongly"}[o]
}

// answer reads what comes on a connection, for as long as the limit.
func answer(conn net.Conn, key []byte, limit time.Duration) outcome {
	conn.SetReadDeadline(time.Now().Add(limit))
	b := make([]byte, 24)
	n, err := io.ReadFull(conn, b)
	switch {
	case errors.Is(err, os.ErrDeadlineExceeded):
		return silent
	case err != nil && n == 0:
		return closed
	case err != nil, b[0] != 1, big.Uint16(b[2:]) != 24, len(key) >= 18 && !bytes.Equal(b[4:18], key[4:18]), big.Uint32(b[20:]) > 1:
		return wrong
	}
	return outcome(uint32(okay) - big.Uint32(b[20:]))
}

const (
	patience = 20 * time.Second
	quiet    = 200 * time.Millisecond // for what is not answered
)

// say sends a message that must be acknowledged.
func (c *talk) say(b []byte, key []byte) {
	c.t.Helper()
	if _, err := c.conn.Write(b); err != nil {
		c.t.Fatal(err)
	}
	c.await(key)
}

func (c *talk) await(key []byte) {
	c.t.Helper()
	if got := answer(c.conn, key, patience); got != okay {
		c.t.Fatalf("setting up: %v", got)
	}
}

// The states of a conversation, in their order.
const (
	connected = iota
	added
	identified
	running
	stopped
	states
)

var stateNames = [...]string{"connected", "added", "identified", "running", "stopped"}

// bring leads the conversation to a state: flow 1 over TCP, without files.
func (c *talk) bring(state int) {
	c.t.Helper()
	key := c.addFlow(1, nil)
	if state >= added {
		c.say(key, key)
	}
	if state >= identified {
		c.data = c.v.dial(c.t, "tcp", "127.0.0.1:9000")
		identify := c.identify(1)
		identify[1] = 2 // no vectors
		c.data.Write(identify)
		c.await(key)
	}
	if state >= running {
		c.say(noFiles(c.start()), c.start())
	}
	if state >= stopped {
		c.say(c.stop(), c.stop())
	}
}

func noFiles(start []byte) []byte {
	start[1] = 4 | 8
	return start
}

// logged checks that the passive side has said who and why.
func (v *victims) logged(t *testing.T, conn net.Conn) {
	t.Helper()
	peer := conn.LocalAddr().String()
	v.passive.Await(t, "a line in the log about "+peer, patience, func() bool { return strings.Contains(v.passive.Output(), peer) })
}

// TestMessagesOutOfOrder is the table of states and messages.
func TestMessagesOutOfOrder(t *testing.T) {
	v := startVictims(t)
	other := func(c *talk) *hostile { return &hostile{measurement: c.measurement + 1<<40} }
	rows := []struct {
		name string
		make func(c *talk) []byte
		want [states]outcome
	}{
		{"ADD_FLOW", func(c *talk) []byte { return c.addFlow(2, nil) }, [...]outcome{okay, okay, okay, refused, refused}},
		{"the same ADD_FLOW", func(c *talk) []byte { return c.addFlow(1, nil) }, [...]outcome{okay, refused, refused, refused, refused}},
		{"ADD_FLOW of another measurement", func(c *talk) []byte { return other(c).addFlow(1, nil) }, [...]outcome{okay, refused, refused, refused, refused}},
		{"REMOVE_FLOW", func(c *talk) []byte { return c.removeFlow(1) }, [...]outcome{refused, refused, silent, refused, silent}},
		{"REMOVE_FLOW of an unknown flow", func(c *talk) []byte { return c.removeFlow(7) }, [...]outcome{refused, refused, refused, refused, refused}},
		{"START", func(c *talk) []byte { return noFiles(c.start()) }, [...]outcome{refused, okay, okay, refused, refused}},
		{"START of another measurement", func(c *talk) []byte { return other(c).start() }, [...]outcome{refused, refused, refused, refused, refused}},
		{"STOP", func(c *talk) []byte { return c.stop() }, [...]outcome{refused, refused, refused, okay, refused}},
		{"STOP of another measurement", func(c *talk) []byte { return other(c).stop() }, [...]outcome{refused, refused, refused, refused, refused}},
		{"ACKNOWLEDGE", func(c *talk) []byte { return c.acknowledge(1) }, [states]outcome{}},
		{"IDENTIFY_FLOW", func(c *talk) []byte { return c.identify(1) }, [states]outcome{}},
		{"DATA", func(c *talk) []byte { return c.hostile.data(1, 100) }, [states]outcome{}},
		{"RESULTS", func(c *talk) []byte { return message(8, 1, 100) }, [states]outcome{}},
		{"EXTENSION before recognition", func(c *talk) []byte { return c.key(0x10, 1, 16) }, [states]outcome{}},
		{"message of type 0", func(c *talk) []byte { return message(0, 0, 4) }, [states]outcome{}},
		{"message of type 9", func(c *talk) []byte { return message(9, 0, 40) }, [states]outcome{}},
		{"message of type 255", func(c *talk) []byte { return message(255, 0, 65535) }, [states]outcome{}},
	}
	t.Run("table", func(t *testing.T) {
		for _, row := range rows {
			for state := range states {
				t.Run(row.name+" when "+stateNames[state], func(t *testing.T) {
					t.Parallel()
					v.leadsTo(t, state, row.make, row.want[state])
				})
			}
		}
	})
	v.unharmed(t)
}

// leadsTo says one message in a state and looks at the answer.
func (v *victims) leadsTo(t *testing.T, state int, message func(c *talk) []byte, want outcome) {
	c := v.talk(t)
	c.bring(state)
	b := message(c)
	c.conn.Write(b)
	limit, key := patience, b
	switch want {
	case silent:
		limit = quiet
	case closed:
		key = nil
	}
	if got := answer(c.conn, key, limit); got != want {
		t.Fatalf("%v instead of %v", got, want)
	}
	if want == closed || want == refused {
		v.logged(t, c.conn)
	}
}

// TestMalformedControl: what is malformed or impossible gets Status 1 or a
// closed connection.
func TestMalformedControl(t *testing.T) {
	v := startVictims(t)
	double := func(at int, value float64) func(b []byte) []byte {
		return func(b []byte) []byte {
			big.PutUint64(b[at:], math.Float64bits(value))
			return b
		}
	}
	octet := func(at int, value byte) func(b []byte) []byte {
		return func(b []byte) []byte { b[at] = value; return b }
	}
	size := func(b []byte) []byte { return double(96, 100)(b) }
	rate := func(kind byte, v1, v2 float64) func(b []byte) []byte {
		return func(b []byte) []byte { return double(72, v2)(double(64, v1)(octet(128, kind)(size(b)))) }
	}
	events := func(count, size int, change func(event []byte)) func(b []byte) []byte {
		return func(b []byte) []byte { return withEvents(b, count, size, change) }
	}
	for _, row := range []struct {
		name   string
		change func(b []byte) []byte
	}{
		{"one byte short", func(b []byte) []byte { return message(2, 0, 193) }},
		{"nothing but a header", func(b []byte) []byte { return message(2, 0, 4) }},
		{"more events than bytes", func(b []byte) []byte { big.PutUint16(b[192:], 1); return b }},
		{"65535 events announced", func(b []byte) []byte { big.PutUint16(b[192:], 65535); return b }},
		{"events of 37 bytes", events(2, 37, nil)},
		{"events of 0 bytes", func(b []byte) []byte { return withEvents(b, 0, 36, nil)[:194] }},
		{"unknown distribution of the rate", octet(128, 6)},
		{"unknown distribution of the size", octet(129, 0x80)},
		{"unknown distribution of an event", events(1, 36, func(e []byte) { e[0] = 77 })},
		{"rate not a number", double(64, math.NaN())},
		{"rate infinite", double(64, math.Inf(1))},
		{"rate negative", double(64, -1)},
		{"size not a number", double(96, math.NaN())},
		{"size infinite", double(96, math.Inf(-1))},
		{"size negative", double(96, -100)},
		{"fourth parameter not a number", double(120, math.NaN())},
		{"event not a number", events(1, 36, func(e []byte) { big.PutUint64(e[4:], math.Float64bits(math.NaN())) })},
		{"event negative", events(1, 36, func(e []byte) { big.PutUint64(e[4:], math.Float64bits(-1)) })},
		{"rate that is never positive", rate(4, -1000, 0.001)},
		{"rate far too high", rate(0, 1e300, 0)},
		{"rate of once in a million years", rate(0, 1e-13, 0)},
		{"pareto without a shape", rate(3, 100, 0)},
		{"uniform upside down", rate(1, 100, 50)},
		{"repeated list of absolute times", func(b []byte) []byte { b[1] = 4; return withEvents(b, 2, 36, nil) }},
		{"repeated list without a duration", func(b []byte) []byte {
			b[1] = 4
			return withEvents(b, 2, 36, func(e []byte) { e[1] = 1; clear(e[4:]) })
		}},
		{"messages of 0 bytes", func(b []byte) []byte { clear(b[138:140]); return b }},
		{"messages of 47 bytes", func(b []byte) []byte { big.PutUint16(b[138:], 47); return b }},
		{"unknown transport", func(b []byte) []byte { binary.LittleEndian.PutUint16(b[18:], 999); return b }},
		{"transport 0", func(b []byte) []byte { clear(b[18:20]); return b }},
		{"transport in network byte order", func(b []byte) []byte { big.PutUint16(b[18:], 6); return b }},
		{"SCTP", func(b []byte) []byte { binary.LittleEndian.PutUint16(b[18:], 132); return b }},
		{"DCCP", func(b []byte) []byte { binary.LittleEndian.PutUint16(b[18:], 33); return b }},
		{"QUIC", func(b []byte) []byte { binary.LittleEndian.PutUint16(b[18:], 261); return b }},
		{"TCP on stream 1", octet(17, 1)},
		{"buffers of 4 GiB", func(b []byte) []byte { big.PutUint32(b[130:], math.MaxUint32); return b }},
	} {
		t.Run("ADD_FLOW with "+row.name, func(t *testing.T) {
			c := v.talk(t)
			b := c.addFlow(1, row.change)
			if row.name == "events of 0 bytes" {
				big.PutUint16(b[192:], 3)
				big.PutUint16(b[2:], 194)
			}
			c.conn.Write(b)
			if got := answer(c.conn, b, patience); got != closed && got != refused {
				t.Fatal(got)
			}
			v.logged(t, c.conn)
		})
	}
	for _, length := range []uint16{0, 1, 2, 3} {
		t.Run(fmt.Sprintf("length %d", length), func(t *testing.T) {
			c := v.talk(t)
			b := c.addFlow(1, nil)
			big.PutUint16(b[2:], length)
			c.conn.Write(b)
			if got := answer(c.conn, nil, patience); got != closed {
				t.Fatal(got)
			}
			v.logged(t, c.conn)
		})
	}
	for _, kind := range []struct {
		name string
		make func(c *talk) []byte
	}{
		{"REMOVE_FLOW", func(c *talk) []byte { return c.removeFlow(1) }}, {"START", func(c *talk) []byte { return c.start() }},
		{"STOP", func(c *talk) []byte { return c.stop() }}, {"ADD_FLOW", func(c *talk) []byte { return c.addFlow(1, nil) }},
	} {
		for _, cut := range []int{1, 4, 12} {
			t.Run(fmt.Sprintf("%s that ends after %d bytes", kind.name, cut), func(t *testing.T) {
				c := v.talk(t)
				c.bring(added)
				c.conn.Write(kind.make(c)[:cut])
				c.conn.(*net.TCPConn).CloseWrite()
				if got := answer(c.conn, nil, patience); got != closed {
					t.Fatal(got)
				}
			})
		}
		t.Run(kind.name+" of a wrong length", func(t *testing.T) {
			c := v.talk(t)
			b := kind.make(c)
			b = append(b, 0xff)
			big.PutUint16(b[2:], uint16(len(b)))
			c.conn.Write(b)
			got := answer(c.conn, nil, patience)
			// ADD_FLOW without events may be longer.
			if got != closed && got != refused && kind.name != "ADD_FLOW" {
				t.Fatal(got)
			}
		})
	}
	v.unharmed(t)
}

// TestMalformedData: on data channels what is wrong closes the connection, and
// nothing else.
func TestMalformedData(t *testing.T) {
	v := startVictims(t)
	type row struct {
		name       string
		identified bool
		make       func(c *talk) []byte
	}
	wrongMagic := func(c *talk) []byte { b := c.identify(1); b[8]++; return b }
	for _, port := range []string{"127.0.0.1:9000", "127.0.0.1:8999"} {
		for _, row := range []row{
			{"DATA before IDENTIFY_FLOW", false, func(c *talk) []byte { return c.hostile.data(1, 100) }},
			{"IDENTIFY_FLOW of an unknown flow", false, func(c *talk) []byte { return c.identify(99) }},
			{"IDENTIFY_FLOW of another transport", false, func(c *talk) []byte { return c.identify(2) }},
			{"IDENTIFY_FLOW with another magic number", false, wrongMagic},
			{"IDENTIFY_FLOW that is too long", false, func(c *talk) []byte { return append(message(4, 0, 30), 0) }},
			{"START", false, func(c *talk) []byte { return c.start() }},
			{"noise", false, func(c *talk) []byte { return bytes.Repeat([]byte{0xa5, 0x5a, 0x01}, 1000) }},
			{"length 0", false, func(c *talk) []byte { return make([]byte, 64) }},
			{"HTTP", false, func(c *talk) []byte { return []byte("GET / HTTP/1.0\r\n\r\n" + strings.Repeat("x", 30000)) }},
			{"DATA without a header", true, func(c *talk) []byte { return c.hostile.data(1, 47) }},
			{"length 3 later", true, func(c *talk) []byte { return []byte{5, 0, 0, 3, 0, 0, 0, 0} }},
			{"ADD_FLOW", true, func(c *talk) []byte { return c.addFlow(4, nil) }},
			{"RESULTS", true, func(c *talk) []byte { return message(8, 1, 1404) }},
		} {
			if row.identified && strings.HasSuffix(port, "8999") {
				continue // the flow is a TCP flow
			}
			t.Run(row.name+" at "+port, func(t *testing.T) {
				c := v.talk(t)
				c.bring(added)
				udp := c.addFlow(2, func(b []byte) []byte { binary.LittleEndian.PutUint16(b[18:], 17); return b })
				c.say(udp, udp)
				c.data = v.dial(t, "tcp", port)
				if row.identified {
					c.data.Write(c.identify(1))
					c.await(c.addFlow(1, nil))
				}
				c.data.Write(row.make(c))
				if got := answer(c.data, nil, patience); got != closed {
					t.Fatal(got)
				}
				v.logged(t, c.data)
				// The control channel is not to blame.
				c.say(c.addFlow(5, nil), c.addFlow(5, nil))
			})
		}
	}
	v.unharmed(t)
}

// TestHostileDatagrams: anyone can send to the UDP port.
func TestHostileDatagrams(t *testing.T) {
	v := startVictims(t)
	c := v.talk(t)
	udp := func(b []byte) []byte { binary.LittleEndian.PutUint16(b[18:], 17); return b }
	add := c.addFlow(1, udp)
	c.say(add, add)
	stranger := dialFrom(t, v.n, "udp", "127.0.0.2", "127.0.0.1:9000")
	for _, b := range [][]byte{{}, {5}, {5, 0, 0}, message(5, 0, 48), c.hostile.data(1, 47), bytes.Repeat([]byte{0xff}, 9000), message(1, 0, 24),
		append(c.hostile.data(1, 48), 1, 2, 3), c.identify(77), c.start(), c.identify(1)} {
		stranger.Write(b)
	}
	if got := answer(c.conn, add, quiet); got != silent {
		t.Errorf("IDENTIFY_FLOW from another host than the control channel's: %v", got)
	}
	v.logged(t, stranger)
	own := v.dial(t, "udp", "127.0.0.1:9000")
	own.Write(c.identify(1))
	c.await(add)
	own.Write(c.identify(1))
	if got := answer(c.conn, add, quiet); got != silent {
		t.Errorf("the second IDENTIFY_FLOW: %v", got)
	}
	c.say(noFiles(c.start()), c.start())
	// Counters that jump to and fro, and times of other ages.
	for i := range 200 {
		b := c.hostile.data(1, 48+i)
		for at := 20; at < 48; at += 4 {
			big.PutUint32(b[at:], uint32(i*i*i)*2654435761)
		}
		own.Write(b)
		own.Write(b[:i%48])
	}
	stranger.Write(c.hostile.data(1, 1000))
	c.say(c.stop(), c.stop())
	c.conn.Close()
	v.unharmed(t)
}
