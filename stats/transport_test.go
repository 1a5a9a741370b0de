package stats

import (
	"fmt"
	"io"
	"strings"
	"testing"
	"time"
)

func TestTransportLine(t *testing.T) {
	l := TransportLine{
		Time: 1234567890123456, RelTime: 1500 * time.Millisecond, Interval: time.Second,
		Protocol: "MPTCP", Path: 2, Local: "10.0.0.1:5", Remote: "[2001:db8::1]:6", State: "open", Share: 0.61,
		SRTT: 1234, RTTVar: 5, MinRTT: 1000, RTO: 204000, CWnd: 10, SSThresh: 7, MSS: 1448, Retransmits: 3, Retransmitted: 4344,
		Sent: 1 << 40, Acked: 2, Received: 3, DeliveryRate: 125, PacingRate: 250,
		Busy: 1001, RWndLimited: 2, SndBufLimited: 3, CongestionControl: "cubic",
	}
	want := "000001\t1234567890123456\t1.500000\t1.000000\t\"MPTCP\"\t2\t\"10.0.0.1:5\"\t\"[2001:db8::1]:6\"\t\"open\"\t0.610000\t" +
		"1.234\t0.005\t1.000\t204.000\t10\t7\t1448\t3\t4344\t1099511627776\t2\t3\t1000\t2000\t1.001\t0.002\t0.003\t\"cubic\"\n"
	if got := string(l.append(nil, 1)); got != want {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	if columns, fields := strings.Count(transportHeader, "\t"), strings.Count(want, "\t"); columns+1 != fields {
		t.Errorf("%d columns in the header, %d in the line beside its number", columns+1, fields)
	}
}

// TestTransportLog: texts of several flows that grow beside each other in one
// file are read back, in pieces of any size.
func TestTransportLog(t *testing.T) {
	log := NewTransportLog(t.TempDir(), nil)
	defer log.Close()
	var texts [3]*TransportText
	var want [3]string
	for i := range texts {
		texts[i], want[i] = log.Flow(), transportHeader
	}
	for n := range 500 {
		for i := range texts {
			if n > 5 && i == 2 {
				continue // stays in memory
			}
			line := TransportLine{Time: int64(n), Path: uint32(i), Local: fmt.Sprint("flow ", i)}
			texts[i].Add(&line)
			want[i] += string(line.append(nil, uint64(n+1)))
		}
	}
	if len(texts[0].pieces) < 3 || len(texts[2].pieces) != 0 {
		t.Errorf("%d and %d pieces are in the file", len(texts[0].pieces), len(texts[2].pieces))
	}
	for i, text := range texts {
		for _, size := range []int{1, 100, 7000, 1 << 20} {
			var got strings.Builder
			if _, err := io.CopyBuffer(&got, onlyReader{io.NewSectionReader(text, 0, text.Size())}, make([]byte, size)); err != nil || got.String() != want[i] {
				t.Errorf("flow %d in pieces of %d: %d bytes, %v; expected %d", i, size, got.Len(), err, len(want[i]))
			}
		}
		if n, err := text.ReadAt(make([]byte, 10), text.Size()); n != 0 || err != io.EOF {
			t.Errorf("behind the end: %d, %v", n, err)
		}
	}
}

// onlyReader hides what lets io.Copy choose its own pieces.
type onlyReader struct{ io.Reader }

// TestTransportLogWithoutRoom: a file that cannot be is told at the end of
// what there is.
func TestTransportLogWithoutRoom(t *testing.T) {
	log := NewTransportLog(t.TempDir()+"/nothing", nil)
	text := log.Flow()
	for range 1000 {
		text.Add(&TransportLine{})
	}
	all := make([]byte, 1<<20)
	n, err := text.ReadAt(all, 0)
	if err == nil || err == io.EOF || !strings.HasPrefix(string(all[:n]), "AbsTime") || int64(n) != text.Size() {
		t.Errorf("%d bytes, %v", n, err)
	}
}

func TestTransportNames(t *testing.T) {
	for pattern, want := range map[string]string{
		"run.vec.bz2": "run-active-0000000a-0002-transport.vec.bz2",
		"d.x/run":     "d.x/run-active-0000000a-0002-transport",
	} {
		p, err := Names(pattern)
		if err != nil {
			t.Fatal(err)
		}
		if got := p.Transport(false, 10, 2); got != want {
			t.Errorf("%s: %s, expected %s", pattern, got, want)
		}
	}
}
