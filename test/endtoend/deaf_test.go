//go:build linux

package endtoend

import (
	"errors"
	"net"
	"os"
	"testing"
	"time"
)

// TestDeafClient: a client that asks and asks and reads no answer waits for itself alone, wherever its datagrams come from.
func TestDeafClient(t *testing.T) {
	v := startVictims(t)
	c := v.talk(t)
	c.conn.(*net.TCPConn).SetReadBuffer(4096)
	add := c.udpFlow(1, 1)
	c.say(add, add)
	var many []byte
	for range 500 {
		many = append(many, add...) // refused: it is there already
	}
	for end := time.Now().Add(time.Minute); ; {
		c.conn.SetWriteDeadline(time.Now().Add(time.Second))
		_, err := c.conn.Write(many)
		if errors.Is(err, os.ErrDeadlineExceeded) {
			break // the passive side cannot answer, and does not read any more
		}
		if err != nil || time.Now().After(end) {
			t.Fatalf("the passive side still reads: %v", err)
		}
	}
	for _, from := range []string{"127.0.0.1", "127.0.0.2", "127.0.0.3"} {
		conn := dialFrom(t, v.n, "udp", from, "127.0.0.1:9000")
		conn.Write(c.identify(1))
		data := v.dial(t, "tcp", "127.0.0.1:9000")
		data.Write(c.identify(1)) // as the proof of an address
	}
	// All datagrams come in at one socket.
	other := v.talk(t)
	add = other.udpFlow(1, 1)
	other.say(add, add)
	own := v.dial(t, "udp", "127.0.0.1:9000")
	own.Write(other.identify(1))
	other.await(add)
	c.conn.Close()
	v.unharmed(t)
}
