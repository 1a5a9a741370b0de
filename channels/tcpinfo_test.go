package channels

import (
	"encoding/binary"
	"testing"
)

func TestParseTCPInfo(t *testing.T) {
	b := make([]byte, sizeTCPInfo)
	put32 := func(at int, v uint32) { binary.NativeEndian.PutUint32(b[at:], v) }
	put64 := func(at int, v uint64) { binary.NativeEndian.PutUint64(b[at:], v) }
	put32(offTCPRTT, 1500)
	put32(offTCPSSThresh, tcpInfinity)
	put32(offTCPMinRTT, noMinRTT)
	put64(offTCPPacingRate, ^uint64(0))
	put64(offTCPBytesAcked, 1<<40)
	put64(offTCPBusy, 7)
	got, err := parseTCPInfo(b)
	if want := (TCPInfo{RTT: 1500, Acked: 1 << 40, Busy: 7}); err != nil || got != want {
		t.Errorf("got %+v, %v", got, err)
	}
	// An older kernel's ends earlier.
	if got, err := parseTCPInfo(b[:offTCPBytesAcked+4]); err != nil || got.RTT != 1500 || got.Acked != 0 {
		t.Errorf("cut: %+v, %v", got, err)
	}
	if _, err := parseTCPInfo(b[:minTCPInfo-1]); err == nil {
		t.Error("too short a struct was taken")
	}
}

func FuzzParseTCPInfo(f *testing.F) {
	f.Add(make([]byte, sizeTCPInfo))
	f.Add(make([]byte, minTCPInfo))
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, b []byte) {
		info, err := parseTCPInfo(b)
		if (err == nil) != (len(b) >= minTCPInfo) {
			t.Errorf("%d bytes: %v", len(b), err)
		}
		if info.SSThresh >= tcpInfinity {
			t.Errorf("slow-start threshold %d", info.SSThresh)
		}
	})
}
