//go:build linux

package lab

import (
	"fmt"
	"strings"
	"testing"
)

var transportHeader = strings.Fields("AbsTime RelTime Interval Protocol Path Local Remote State Share SRTT RTTVar MinRTT RTO CWnd SSThresh MSS " +
	"Retransmits RetransmittedBytes SentBytes AckedBytes ReceivedBytes DeliveryRate PacingRate BusyTime RWndLimitedTime SndBufLimitedTime CongestionControl")

// TransportRow is a line of a transport vector, by its columns' names.
type TransportRow map[string]string

// ReadTransport reads a transport vector file.
func ReadTransport(t testing.TB, path string) []TransportRow {
	t.Helper()
	var rows []TransportRow
	lines(t, path, func(n int, line string) {
		where := fmt.Sprintf("%s:%d", path, n)
		f := fields(line)
		if n == 1 {
			sameHeader(t, where, f, transportHeader)
			return
		}
		numbered(t, where, f, n-1, len(transportHeader)+1)
		row := TransportRow{}
		for i, name := range transportHeader {
			row[name] = f[i+1]
			switch name {
			case "Protocol", "Local", "Remote", "State", "CongestionControl":
			default:
				number(t, where, f[i+1])
			}
		}
		rows = append(rows, row)
	})
	return rows
}

// Number is a figure of a row.
func (r TransportRow) Number(t testing.TB, name string) float64 {
	t.Helper()
	return number(t, name, r[name])
}
