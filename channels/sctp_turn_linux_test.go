package channels

import (
	"errors"
	"net"
	"os"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// associationStandIn returns an association on a Unix socket, which ignores what
// goes with SCTP's messages, and a Conn that receives what it sends. Its queue
// fills as SCTP's does, and every kernel has it, also where tests look for races.
func associationStandIn(t *testing.T) (*association, Conn) {
	fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_SEQPACKET|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(os.NewSyscallError("socketpair", err))
	}
	sending, raw, err := openFile(fds[0], "stand-in")
	if err != nil {
		t.Fatal(err)
	}
	receiving, other, err := openFile(fds[1], "stand-in")
	if err != nil {
		t.Fatal(err)
	}
	a, c := newAssociation(sending, raw), newDCCPConn(receiving, other, Options{}, systemDCCPCalls)
	t.Cleanup(func() {
		a.Close()
		c.Close()
	})
	return a, c
}

// numbered returns messages that begin with a number.
func numbered(number byte, count, size int) *SendBatch {
	b := sizes(times(count, size)...)
	for i := range count {
		b.Buf[b.start(i)] = number
	}
	return b
}

// TestSharesSendAtOnce: all messages of all shares get there, each share's in
// whole batches and over a queue that is mostly full.
func TestSharesSendAtOnce(t *testing.T) {
	a, receiver := associationStandIn(t)
	const shares, batches, messages = 4, 50, 30
	var sending sync.WaitGroup
	for i := range shares {
		s := Share(a)
		sending.Go(func() {
			for range batches {
				b := numbered(byte(i), messages, 1000)
				if err := s.Send(b, true); err != nil || !b.Done() {
					t.Errorf("share %d: %v, %d of %d sent", i, err, b.Sent, len(b.Ends))
					return
				}
			}
		})
	}
	if err := receiver.SetReadDeadline(time.Now().Add(30 * time.Second)); err != nil {
		t.Fatal(err)
	}
	var got [shares]int
	var b ReceiveBatch
	for total := 0; total < shares*batches*messages; total += len(b.Msgs) {
		if err := receiver.Receive(&b); err != nil {
			t.Fatalf("after %v: %v", got, err)
		}
		for i := range b.Msgs {
			got[b.Bytes(i)[0]]++
		}
	}
	sending.Wait()
	for i, n := range got {
		if n != batches*messages {
			t.Errorf("%d messages of share %d", n, i)
		}
	}
}

// TestSharesStopAlone: one share's deadline, and its Close, end its waiting for
// a full queue and no other's; that of the association ends all.
func TestSharesStopAlone(t *testing.T) {
	a, _ := associationStandIn(t)
	var shares [4]Conn
	ended := make([]chan error, len(shares))
	for i := range shares {
		shares[i], ended[i] = Share(a), make(chan error, 1)
		go func() { ended[i] <- shares[i].Send(numbered(byte(i), 5000, 1000), true) }()
	}
	time.Sleep(20 * time.Millisecond) // they all wait, or test less
	waits := func(rest ...int) {
		t.Helper()
		for _, i := range rest {
			select {
			case err := <-ended[i]:
				t.Errorf("share %d has ended as well: %v", i, err)
			default:
			}
		}
	}
	if err := shares[2].SetWriteDeadline(time.Now()); err != nil {
		t.Fatal(err)
	}
	if err := <-ended[2]; !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("deadline: %v", err)
	}
	waits(0, 1, 3)
	if err := shares[0].Close(); err != nil {
		t.Error(err)
	}
	if err := <-ended[0]; !errors.Is(err, net.ErrClosed) {
		t.Errorf("closed: %v", err)
	}
	waits(1, 3)
	if err := a.Close(); err != nil {
		t.Error(err)
	}
	for _, i := range []int{1, 3} {
		if err := <-ended[i]; !errors.Is(err, net.ErrClosed) {
			t.Errorf("share %d: %v", i, err)
		}
	}
}
