//go:build linux

package endtoend

import (
	"encoding/binary"
	"math"
	"net"
	"strings"
	"testing"

	"netperfmeter/test/lab"
)

// guarded is a passive side with options, and nobody on it.
func guarded(t *testing.T, options ...string) *victims {
	t.Helper()
	v := &victims{n: lab.Loopback(t)}
	v.next.Store(0x2222_0000_0000_0000)
	v.passive = v.n.StartPassive(t, 9000, options...)
	return v
}

// said checks that the log has a line with all the words.
func (v *victims) said(t *testing.T, words ...string) {
	t.Helper()
	v.passive.Await(t, "a line in the log with "+strings.Join(words, " and "), patience, func() bool {
		for line := range strings.Lines(v.passive.Output()) {
			found := 0
			for _, word := range words {
				if strings.Contains(line, word) {
					found++
				}
			}
			if found == len(words) {
				return true
			}
		}
		return false
	})
}

func (c *talk) expect(what string, b []byte, want outcome) {
	c.t.Helper()
	c.conn.Write(b)
	if got := answer(c.conn, b, patience); got != want {
		c.t.Errorf("%s: %v instead of %v", what, got, want)
	}
}

// udpFlow is a flow that sends frames of 1000 bytes at a rate, 0: saturated.
func (h hostile) udpFlow(id uint32, rate float64) []byte {
	return h.addFlow(id, func(b []byte) []byte {
		binary.LittleEndian.PutUint16(b[18:], 17)
		big.PutUint64(b[64:], math.Float64bits(rate))
		big.PutUint64(b[96:], math.Float64bits(1000))
		return b
	})
}

// TestLimitsOfRequests: what goes beyond a limit gets Status 1, and the log names the limit, its value and the request.
func TestLimitsOfRequests(t *testing.T) {
	tcp := func(at int, value uint32) func(c *talk, id uint32) []byte {
		return func(c *talk, id uint32) []byte {
			return c.addFlow(id, func(b []byte) []byte { big.PutUint32(b[at:], value); return b })
		}
	}
	udp := func(rate float64) func(c *talk, id uint32) []byte {
		return func(c *talk, id uint32) []byte { return c.udpFlow(id, rate) }
	}
	message := func(size uint16) func(c *talk, id uint32) []byte {
		return func(c *talk, id uint32) []byte {
			return c.addFlow(id, func(b []byte) []byte { big.PutUint16(b[138:], size); return b })
		}
	}
	for _, row := range []struct {
		limit   string
		granted int // of those requests that come first
		within  func(c *talk, id uint32) []byte
		beyond  func(c *talk, id uint32) []byte
	}{
		{"flows=3", 3, udp(1), udp(1)},
		{"client-flows=3", 3, udp(1), udp(1)},
		{"flow-rate=8000", 2, udp(1), udp(1.1)},
		{"udp-rate=8000", 2, udp(1), udp(0)},
		{"total-rate=20k", 2, udp(1), udp(1)},
		{"message-size=1460", 1, message(1460), message(1461)},
		{"buffer=100k", 1, tcp(130, 100_000), tcp(130, 100_001)},
		{"buffer=100k", 1, tcp(134, 100_000), tcp(134, 100_001)},
	} {
		t.Run(row.limit, func(t *testing.T) {
			t.Parallel()
			v := guarded(t, "--limit", row.limit)
			c := v.talk(t)
			for id := range row.granted {
				c.expect("within the limit", row.within(c, uint32(id)), okay)
			}
			c.expect("beyond it", row.beyond(c, 100), refused)
			name, value, _ := strings.Cut(row.limit, "=")
			v.said(t, "ADD_FLOW", "limit="+name, "value="+strings.Replace(value, "k", "000", 1), "refusal=limit", c.conn.LocalAddr().String())
			c.expect("what is there already", c.removeFlow(0), refused) // was never identified, and is free now
			c.expect("within the limit again", row.within(c, 0), okay)
		})
	}
}

// TestLimitOfMeasurements: a measurement is one from its first flow to the end of its control channel.
func TestLimitOfMeasurements(t *testing.T) {
	for _, limit := range []string{"measurements=2", "client-measurements=2"} {
		t.Run(limit, func(t *testing.T) {
			t.Parallel()
			v := guarded(t, "--limit", limit)
			first, second, third := v.talk(t), v.talk(t), v.talk(t)
			first.expect("first", first.addFlow(1, nil), okay)
			second.expect("second", second.addFlow(1, nil), okay)
			third.expect("third", third.addFlow(1, nil), refused)
			v.said(t, "limit="+strings.TrimSuffix(limit, "=2"), "value=2", "one more measurement")
			first.conn.Close()
			v.passive.Await(t, "room again", patience, func() bool {
				b := third.addFlow(1, nil)
				third.conn.Write(b)
				return answer(third.conn, b, patience) == okay
			})
		})
	}
}

// TestLimitsOfTime: who is silent, or does not end, is closed.
func TestLimitsOfTime(t *testing.T) {
	for _, row := range []struct {
		limit string
		state int
	}{{"unidentified-time=1", connected}, {"silence=1", added}, {"runtime=1", running}, {"runtime=3", stopped}} {
		t.Run(row.limit+" when "+stateNames[row.state], func(t *testing.T) {
			t.Parallel()
			v := guarded(t, "--limit", row.limit)
			c := v.talk(t)
			c.bring(min(row.state, running))
			if row.state == stopped {
				c.data.Close() // nothing in flight that STOP would wait for
				c.say(c.stop(), c.stop())
			}
			if got := answer(c.conn, nil, patience); got != closed {
				t.Errorf("%v instead of %v", got, closed)
			}
			name, value, _ := strings.Cut(row.limit, "=")
			v.said(t, "limit="+name, "value="+value, "closed", c.conn.LocalAddr().String())
			if row.state == connected {
				data := v.dial(t, "tcp", "127.0.0.1:9000")
				if got := answer(data, nil, patience); got != closed {
					t.Errorf("data connection: %v instead of %v", got, closed)
				}
				v.said(t, "limit=unidentified-time", "no IDENTIFY_FLOW", data.LocalAddr().String())
			}
		})
	}
}

// TestLimitOfResults: what goes beyond the room for results is cut, and both sides say so.
func TestLimitOfResults(t *testing.T) {
	t.Parallel()
	v := guarded(t, "--limit", "client-results=20k")
	r := v.n.Run(t, lab.Ours(t, "127.0.0.1", "-runtime=1", "-vector=r.vec", "-scalar=r.sca", "-tcp", "const1000:const100").In(t.TempDir()))
	if r.Code != 6 {
		t.Errorf("%v", r)
	}
	v.said(t, "result file incomplete", "limit client-results=20000")
	// All of it is free again.
	c := v.talk(t)
	c.bring(stopped)
	if out := v.passive.Output(); strings.Contains(out, "panic") {
		t.Error(out)
	}
}

// TestAllowAndDeny: by address, at every port.
func TestAllowAndDeny(t *testing.T) {
	v := guarded(t, "--allow", "127.0.0.0/8", "--deny=127.0.0.2,127.0.1.0/24")
	for _, at := range []string{"127.0.0.1:9001", "127.0.0.1:9000", "127.0.0.1:8999"} {
		for _, from := range []string{"127.0.0.2", "127.0.1.7"} {
			d := net.Dialer{Timeout: patience, LocalAddr: &net.TCPAddr{IP: net.ParseIP(from)}}
			var conn net.Conn
			if err := v.n.Do(func() (err error) { conn, err = d.Dial("tcp", at); return err }); err != nil {
				t.Fatal(err)
			}
			if got := answer(conn, nil, patience); got != closed {
				t.Errorf("%s at %s: %v instead of %v", from, at, got, closed)
			}
			conn.Close()
			v.said(t, from, "refusal=address")
		}
	}
	c := v.talk(t)
	add := c.udpFlow(1, 1)
	c.say(add, add)
	stranger := dialFrom(t, v.n, "udp", "127.0.1.8", "127.0.0.1:9000")
	stranger.Write(c.identify(1))
	v.said(t, "127.0.1.8", "IDENTIFY_FLOW dropped", "refusal=address")
	own := v.dial(t, "udp", "127.0.0.1:9000")
	own.Write(c.identify(1))
	c.await(add)
}

// TestLimitOfDescriptors: with none left for a flow's connection and its file the flow is refused, not everybody else.
func TestLimitOfDescriptors(t *testing.T) {
	t.Parallel()
	v := guarded(t, "--limit", "client-descriptors=5") // a measurement's own four and one
	c := v.talk(t)
	c.say(c.addFlow(1, nil), c.addFlow(1, nil))
	data := v.dial(t, "tcp", "127.0.0.1:9000")
	data.Write(c.identify(1)) // with a vector file
	if got := answer(c.conn, c.addFlow(1, nil), patience); got != refused {
		t.Errorf("a flow with a vector file: %v instead of %v", got, refused)
	}
	v.said(t, "limit=client-descriptors", "value=5", "refusal=limit")
	other := v.talk(t)
	other.expect("another measurement", other.addFlow(1, nil), refused)
	c.conn.Close()
	v.passive.Await(t, "descriptors again", patience, func() bool {
		b := other.addFlow(1, nil)
		other.conn.Write(b)
		return answer(other.conn, b, patience) == okay
	})
	other.data = v.dial(t, "tcp", "127.0.0.1:9000")
	identify := other.identify(1)
	identify[1] = 2 // without one
	other.data.Write(identify)
	other.await(other.addFlow(1, nil))
}

// TestDefaultsDisturbNoLab: one client adds 8000 saturated flows with large buffers, over UDP too.
func TestDefaultsDisturbNoLab(t *testing.T) {
	t.Parallel()
	v := guarded(t)
	c := v.talk(t)
	for id := range uint32(8000) {
		b := c.udpFlow(id, 0)
		if id%2 == 0 {
			binary.LittleEndian.PutUint16(b[18:], 6)
		}
		big.PutUint16(b[138:], 65535)
		big.PutUint32(b[130:], 64<<20)
		big.PutUint32(b[134:], 64<<20)
		c.say(b, b)
	}
	if out := v.passive.Output(); strings.Contains(out, "refusal=") {
		t.Error(out)
	}
}
