//go:build linux

package endtoend

import (
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"netperfmeter/test/lab"
)

// A liar is a passive side that answers with what a test makes of the sound
// answer. It takes one control and one TCP data connection at a time.
type liar struct {
	control, data net.Listener
}

// requests are the control messages of a measurement with one flow, in order;
// IDENTIFY_FLOW comes on the data channel but is answered here.
const (
	atAdd = iota
	atIdentify
	atStart
	whileRunning // 100 ms after START: nobody has asked
	atStop
	requests
)

var requestNames = [...]string{"ADD_FLOW", "IDENTIFY_FLOW", "START", "nothing", "STOP"}

func newLiar(t *testing.T, n *lab.Namespace) *liar {
	t.Helper()
	l := &liar{}
	if err := n.Do(func() (err error) {
		if l.control, err = net.Listen("tcp", "127.0.0.1:9001"); err != nil {
			return err
		}
		l.data, err = net.Listen("tcp", "127.0.0.1:9000")
		return err
	}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.control.Close(); l.data.Close() })
	return l
}

// serve answers one measurement soundly up to a request, whose answer is what
// lie makes of the sound one; nil closes the connection. It ends when the
// active side does.
func (l *liar) serve(at int, lie func(sound []byte) []byte) {
	control, err := l.control.Accept()
	if err != nil {
		return
	}
	defer control.Close()
	data, err := l.data.Accept()
	if err != nil {
		return
	}
	defer data.Close()
	for step := range requests {
		var request []byte
		switch step {
		case atIdentify:
			request = readMessage(data)
			request = hostile{measurement: big.Uint64(request[16:])}.acknowledge(big.Uint32(request[4:]))
		case whileRunning:
			if step != at {
				continue
			}
			time.Sleep(100 * time.Millisecond)
		default:
			request = readMessage(control)
		}
		sound := message(1, 0, 24)
		if len(request) >= 16 {
			copy(sound[4:16], request[4:16])
		}
		if step == at {
			sound = lie(sound)
			if sound == nil {
				return
			}
		}
		control.Write(sound)
		if step == at {
			break
		}
	}
	io.Copy(io.Discard, control)
}

// readMessage reads a whole message, or returns a long empty one.
func readMessage(conn net.Conn) []byte {
	conn.SetReadDeadline(time.Now().Add(patience))
	b := make([]byte, 65535)
	if _, err := io.ReadFull(conn, b[:4]); err == nil {
		io.ReadFull(conn, b[4:max(4, big.Uint16(b[2:]))])
	}
	return b[:max(32, big.Uint16(b[2:]))]
}

// TestLyingPassiveSide: the active side treats its peer with suspicion as
// well. Whatever it is told, it ends with a reason and the exit status of one.
func TestLyingPassiveSide(t *testing.T) {
	t.Parallel()
	n := lab.Loopback(t)
	l := newLiar(t, n)
	for _, lie := range []struct {
		name string
		make func(sound []byte) []byte
		at   []int
	}{
		{"Status 1", func(b []byte) []byte { b[23] = 1; return b }, []int{atAdd, atIdentify, atStart, atStop}},
		{"Status 77", func(b []byte) []byte { b[23] = 77; return b }, []int{atAdd, atStart}},
		{"an answer for another flow", func(b []byte) []byte { b[7]++; return b }, []int{atAdd, atStart, atStop}},
		{"an answer for another measurement", func(b []byte) []byte { b[8]++; return b }, []int{atAdd, atIdentify, atStart, atStop}},
		{"an acknowledgement of 25 bytes", func(b []byte) []byte { b[3]++; return append(b, 0) }, []int{atAdd, atStart}},
		{"a message of length 3", func(b []byte) []byte { b[3] = 3; return b }, []int{atAdd, whileRunning, atStop}},
		{"RESULTS", func([]byte) []byte { return message(8, 1, 100) }, []int{atAdd, whileRunning, atStop}},
		{"an unknown message", func([]byte) []byte { return message(99, 0, 400) }, []int{atAdd, atIdentify, whileRunning, atStop}},
		{"ADD_FLOW", func([]byte) []byte { return hostile{}.addFlow(1, nil) }, []int{atAdd, whileRunning}},
		{"EXTENSION without recognition", func([]byte) []byte { return hostile{}.key(0x10, 1, 16) }, []int{atAdd, whileRunning}},
		{"noise", func([]byte) []byte { return []byte(strings.Repeat("\xa5\x00\x01", 30000)) }, []int{atAdd, atIdentify, whileRunning, atStop}},
		{"the end", func([]byte) []byte { return nil }, []int{atAdd, atIdentify, atStart, whileRunning, atStop}},
		{"results that are too long", func(b []byte) []byte { return append(b, message(8, 1, 1405)...) }, []int{atStop}},
		{"scalars of noise", func(b []byte) []byte { return append(b, message(8, 1, 1404)...) }, []int{atStop}},
	} {
		for _, at := range lie.at {
			t.Run(lie.name+" in answer to "+requestNames[at], func(t *testing.T) {
				served := make(chan struct{})
				go func() {
					l.serve(at, lie.make)
					close(served)
				}()
				dir := t.TempDir()
				r := n.Run(t, lab.Ours(t, "127.0.0.1", "-runtime=0.3", "-scalar=r.sca", "-tcp", "const100:const100").In(dir))
				<-served
				switch {
				case lie.name == "scalars of noise":
					// The measurement itself was sound; the file is what the peer sent.
					if r.Code != 0 && r.Code != 6 || strings.Contains(r.Stderr, "panic") {
						t.Error(r)
					}
				case r.Code < 2 || r.Code > 6 || r.TimedOut || !strings.Contains(r.Stderr, "\nnetperfmeter: ") && !strings.HasPrefix(r.Stderr, "netperfmeter: "):
					t.Errorf("want an error with its reason: %v", r)
				}
				if at >= whileRunning {
					if own := lab.ReadScalars(t, dir+"/r-active.sca"); own.Counts(t, "flow[0]", "Transmitted").Packets == 0 {
						t.Errorf("this side's own results are not there")
					}
				}
			})
		}
	}
}
