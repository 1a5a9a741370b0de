package stats

import (
	"math"
	"strconv"
	"time"
)

const transportHeader = "AbsTime\tRelTime\tInterval\tProtocol\tPath\tLocal\tRemote\tState\tShare\t" +
	"SRTT\tRTTVar\tMinRTT\tRTO\tCWnd\tSSThresh\tMSS\tRetransmits\tRetransmittedBytes\t" +
	"SentBytes\tAckedBytes\tReceivedBytes\tDeliveryRate\tPacingRate\t" +
	"BusyTime\tRWndLimitedTime\tSndBufLimitedTime\tCongestionControl\n"

// TransportLine is one path of a flow's connection at one look: a line of a
// transport vector. Figures that a transport does not have are 0.
type TransportLine struct {
	Time     int64         // microseconds since the epoch
	RelTime  time.Duration // since the first statistics event
	Interval time.Duration // since the look before, 0 at the first
	Protocol string        // in use
	Path     uint32        // the kernel's number of it
	Local    string        // address and port
	Remote   string        // address and port
	State    string        // "open", "ended", or what an SCTP path is
	Share    float64       // 0 to 1

	SRTT, RTTVar, MinRTT, RTO        uint32 // microseconds
	CWnd                             uint32 // segments; SCTP: bytes
	SSThresh                         uint32 // segments
	MSS                              uint32 // bytes; SCTP: the path's MTU
	Retransmits                      uint32 // segments
	Retransmitted                    uint64 // bytes, like the next three
	Sent, Acked, Received            uint64
	DeliveryRate, PacingRate         uint64 // bytes per second
	Busy, RWndLimited, SndBufLimited uint64 // microseconds
	CongestionControl                string
}

// append appends the line with its number. Times come out as milliseconds and
// rates as bit/s, as in the other vectors and in the scalars.
func (l *TransportLine) append(b []byte, number uint64) []byte {
	b = appendLineNumber(b, number)
	b = append(b, '\t')
	b = strconv.AppendInt(b, l.Time, 10)
	b = append(b, '\t')
	b = appendFixed(b, l.RelTime.Microseconds(), 6)
	b = append(b, '\t')
	b = appendFixed(b, l.Interval.Microseconds(), 6)
	b = appendQuoted(b, l.Protocol)
	b = append(b, '\t')
	b = strconv.AppendUint(b, uint64(l.Path), 10)
	b = appendQuoted(b, l.Local)
	b = appendQuoted(b, l.Remote)
	b = appendQuoted(b, l.State)
	b = append(b, '\t')
	b = appendFixed(b, int64(math.Round(l.Share*1e6)), 6)
	for _, us := range [...]uint32{l.SRTT, l.RTTVar, l.MinRTT, l.RTO} {
		b = append(b, '\t')
		b = appendFixed(b, int64(us), 3)
	}
	for _, n := range [...]uint64{
		uint64(l.CWnd), uint64(l.SSThresh), uint64(l.MSS), uint64(l.Retransmits), l.Retransmitted,
		l.Sent, l.Acked, l.Received, 8 * l.DeliveryRate, 8 * l.PacingRate,
	} {
		b = append(b, '\t')
		b = strconv.AppendUint(b, n, 10)
	}
	for _, us := range [...]uint64{l.Busy, l.RWndLimited, l.SndBufLimited} {
		b = append(b, '\t')
		b = appendFixed(b, int64(us), 3)
	}
	return append(appendQuoted(b, l.CongestionControl), '\n')
}

// appendQuoted appends a tab and a text in quotes.
func appendQuoted(b []byte, text string) []byte {
	b = append(b, '\t', '"')
	b = append(b, cleanDescription(text)...)
	return append(b, '"')
}
