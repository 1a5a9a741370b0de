package channels

import (
	"context"
	"errors"
	"net"
	"os"
	"slices"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// sizes returns a batch of messages of the given sizes.
func sizes(n ...int) *SendBatch {
	b := new(SendBatch)
	for _, size := range n {
		b.Buf = append(b.Buf, make([]byte, size)...)
		b.Ends = append(b.Ends, len(b.Buf))
	}
	return b
}

// times returns n times size.
func times(n, size int) []int { return slices.Repeat([]int{size}, n) }

// A call is what a test's kernel saw: the messages of each piece.
type call []int

// A kernel is a sending system call for tests. It takes everything but what
// refuse refuses.
type kernel struct {
	refuse func(p piece) error
	calls  []call
	bytes  int
}

func (k *kernel) send(_ int, q *sendQueue) (int, error) {
	var c call
	for i, p := range q.pieces {
		if k.refuse != nil {
			if err := k.refuse(p); err != nil && i == 0 {
				return 0, err
			} else if err != nil {
				break
			}
		}
		c = append(c, p.messages)
		if p.start != k.bytes {
			return 0, errors.New("bytes were lost or sent again")
		}
		k.bytes = p.end
	}
	k.calls = append(k.calls, c)
	return len(c), nil
}

func TestRuns(t *testing.T) {
	all := offloads{gso: true, mmsg: true}
	for _, test := range []struct {
		name   string
		on     offloads
		batch  *SendBatch
		refuse func(p piece) error
		want   []call
	}{
		{"one", all, sizes(1400), nil, []call{{1}}},
		{"equal", all, sizes(times(10, 1400)...), nil, []call{{10}}},
		{"the last is shorter", all, sizes(1400, 1400, 1399, 1400), nil, []call{{3, 1}}},
		{"the last is longer", all, sizes(1400, 1400, 1401), nil, []call{{2, 1}}},
		{"falling", all, sizes(900, 800, 700, 600), nil, []call{{2, 2}}},
		{"rising", all, sizes(600, 700, 800), nil, []call{{1, 1, 1}}},
		{"bytes", all, sizes(times(50, 1400)...), nil, []call{{46, 4}}},
		{"segments", all, sizes(times(300, 48)...), nil, []call{{128, 128, 44}}},
		{"pieces", all, sizes(times(70, 40000)...), nil, []call{times(64, 1), times(6, 1)}},
		{"longest", all, sizes(MaxDatagram, MaxDatagram), nil, []call{{1, 1}}},
		{"no GSO", offloads{mmsg: true}, sizes(times(3, 100)...), nil, []call{{1, 1, 1}}},
		{"no mmsg", offloads{gso: true}, sizes(times(130, 100)...), nil, []call{{128}, {2}}},
		{"nothing", offloads{}, sizes(times(3, 100)...), nil, []call{{1}, {1}, {1}}},
		{"an old kernel", all, sizes(times(150, 100)...), func(p piece) error {
			if p.messages > 64 {
				return unix.EINVAL
			}
			return nil
		}, []call{{64, 64, 22}}},
		{"a small MTU", all, sizes(slices.Concat(times(3, 3000), times(3, 1000))...), func(p piece) error {
			if p.segment > 1472 {
				return unix.EINVAL
			}
			return nil
		}, []call{{1, 1, 1, 3}}},
		{"a small MTU, newer kernel", all, sizes(slices.Concat(times(3, 3000), times(3, 1000))...), func(p piece) error {
			if p.segment > 1472 {
				return unix.EMSGSIZE
			}
			return nil
		}, []call{{1, 1, 1, 3}}},
		{"no checksum offload", all, sizes(times(3, 1000)...), func(p piece) error {
			if p.segment > 0 {
				return unix.EIO
			}
			return nil
		}, []call{{1, 1, 1}}},
		{"GSO fails in mid-run", all, sizes(slices.Concat(times(128, 100), times(3, 200))...), func(p piece) error {
			if p.segment == 200 {
				return unix.EIO
			}
			return nil
		}, []call{{128}, {1, 1, 1}}},
	} {
		t.Run(test.name, func(t *testing.T) {
			k := &kernel{refuse: test.refuse}
			var s packetSender
			s.init(k.send, test.on, new(counters))
			s.begin(test.batch)
			if !s.attempt(0) || s.err != nil {
				t.Fatalf("attempt: %v", s.err)
			}
			s.end()
			if !test.batch.Done() || test.batch.Offset != len(test.batch.Buf) || k.bytes != len(test.batch.Buf) {
				t.Errorf("sent %d of %d messages, %d of %d bytes, the kernel has %d",
					test.batch.Sent, len(test.batch.Ends), test.batch.Offset, len(test.batch.Buf), k.bytes)
			}
			if !slices.EqualFunc(k.calls, test.want, func(a, b call) bool { return slices.Equal(a, b) }) {
				t.Errorf("the kernel saw %v, expected %v", k.calls, test.want)
			}
		})
	}
}

// TestPersistentErrors sees to it that an error that does not go away is
// returned, and that progress up to it is exact.
func TestPersistentErrors(t *testing.T) {
	for _, refused := range []error{unix.EHOSTUNREACH, unix.ENETUNREACH, unix.ECONNREFUSED, unix.EPERM, unix.EINVAL, unix.EBADF} {
		k := &kernel{refuse: func(p piece) error {
			if p.end > 250 {
				return refused
			}
			return nil
		}}
		var s packetSender
		s.init(k.send, offloads{mmsg: true}, new(counters))
		b := sizes(100, 100, 100)
		s.begin(b)
		if !s.attempt(0) || !errors.Is(s.err, refused) {
			t.Errorf("%v: got %v", refused, s.err)
		}
		s.end()
		if b.Sent != 2 || b.Offset != 200 {
			t.Errorf("%v: sent %d messages, %d bytes", refused, b.Sent, b.Offset)
		}
	}
}

// TestDroppedRuns sees that a run which the host itself drops is reported, and
// does not end the use of runs.
func TestDroppedRuns(t *testing.T) {
	for _, dropped := range []error{unix.EPERM, unix.ENETUNREACH} {
		k := &kernel{refuse: func(p piece) error { return dropped }}
		var s packetSender
		s.init(k.send, offloads{mmsg: true, gso: true}, new(counters))
		b := sizes(times(3, 100)...)
		s.begin(b)
		if !s.attempt(0) || !errors.Is(s.err, dropped) || !IsDropped(s.err) || b.Sent != 0 {
			t.Errorf("%v: got %v, sent %d", dropped, s.err, b.Sent)
		}
		s.end()
		if !s.on.gso || s.gsoBelow <= MaxDatagram || s.maxSegments != maxSegments {
			t.Errorf("%v: the sender has limited its runs", dropped)
		}
	}
}

// TestFullKernel ends Sends into a socket that takes nothing after the first
// two messages: by deadline, by Close, and without waiting.
func TestFullKernel(t *testing.T) {
	for _, full := range []error{unix.EAGAIN, unix.ENOBUFS} {
		k := &kernel{refuse: func(p piece) error {
			if p.end > 250 {
				return full
			}
			return nil
		}}
		for name, open := range map[string]func() Conn{
			"connected": func() Conn { return connectedTo(t, k) },
			"peer":      func() Conn { return peerOf(t, k) },
		} {
			t.Run(name+" "+full.Error(), func(t *testing.T) {
				c := open()
				k.bytes = 0 // the map's cases share the kernel
				b := sizes(times(5, 100)...)
				if err := c.Send(b, false); !errors.Is(err, ErrWouldBlock) {
					t.Errorf("without waiting: %v", err)
				}
				exactly(t, b)
				if err := c.SetWriteDeadline(time.Now().Add(10 * time.Millisecond)); err != nil {
					t.Fatal(err)
				}
				if err := c.Send(b, true); !errors.Is(err, os.ErrDeadlineExceeded) {
					t.Errorf("deadline: %v", err)
				}
				exactly(t, b)
				if err := c.SetWriteDeadline(time.Time{}); err != nil {
					t.Fatal(err)
				}
				ended := make(chan error)
				go func() { ended <- c.Send(b, true) }()
				time.Sleep(10 * time.Millisecond)
				if err := c.Close(); err != nil {
					t.Fatal(err)
				}
				if err := <-ended; !errors.Is(err, net.ErrClosed) {
					t.Errorf("Close: %v", err)
				}
				exactly(t, b)
			})
		}
	}
}

func exactly(t *testing.T, b *SendBatch) {
	t.Helper()
	if b.Sent != 2 || b.Offset != 200 {
		t.Errorf("sent %d messages, %d bytes; expected 2 and 200", b.Sent, b.Offset)
	}
}

func connectedTo(t *testing.T, k *kernel) Conn {
	t.Helper()
	s, err := ListenUDP(context.Background(), loopback, Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	o := Options{Offloads: Offloads{NoGSO: true}}
	c, err := connectUDP(context.Background(), s.Addr(), o, packetCalls{send: k.send, receive: systemPacketCalls.receive})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func peerOf(t *testing.T, k *kernel) Conn {
	t.Helper()
	o := Options{Offloads: Offloads{NoGSO: true}}
	s, err := listenUDP(context.Background(), loopback, o, packetCalls{send: k.send, receive: systemPacketCalls.receive})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	c, err := s.Peer(s.Addr(), loopback.Addr())
	if err != nil {
		t.Fatal(err)
	}
	return c
}
