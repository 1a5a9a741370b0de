package passive

import (
	"errors"
	"net"
	"testing"

	"netperfmeter/control"
	"netperfmeter/wire"
)

// largeResult is more than 32 bits can count: the length of a vector of some
// 80 million messages.
const largeResult = 5 << 30

// sum counts what is written to it, and keeps the end.
type sum struct {
	n    int64
	last []byte
}

func (s *sum) Write(b []byte) (int, error) {
	s.n += int64(len(b))
	s.last = append(s.last[:0], b...)
	return len(b), nil
}

// TestLargeResult ships a result of five gigabytes, most of which is a hole.
func TestLargeResult(t *testing.T) {
	if raceDetector {
		t.Skip("five gigabytes take minutes under the race detector: test/all runs this without it")
	}
	file, err := newSpool(t.TempDir(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer file.file.Close()
	const end = "the end"
	if _, err := file.file.WriteAt([]byte(end), largeResult-int64(len(end))); err != nil {
		t.Fatalf("a file with a hole of %d bytes: %v", int64(largeResult), err)
	}
	file.written = largeResult
	file.end(nil)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	sent := make(chan error, 1)
	go func() {
		conn, err := l.Accept()
		if err == nil {
			defer conn.Close()
			var incomplete error
			incomplete, err = sendResults(control.NewConn(conn, controlWriteTimeout), file, true)
			err = errors.Join(err, incomplete)
		}
		sent <- err
	}()
	conn, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	var got sum
	client := control.NewClient(control.NewConn(conn, controlWriteTimeout), wire.NewMeasurementID(1))
	n, err := client.Results(t.Context(), &got)
	if err := errors.Join(err, <-sent); err != nil {
		t.Fatal(err)
	}
	if tail := string(got.last); n != largeResult || got.n != n || len(tail) < len(end) || tail[len(tail)-len(end):] != end {
		t.Errorf("%d bytes, %d written, of %d; they end in %q", n, got.n, int64(largeResult), tail[max(0, len(tail)-20):])
	}
}
