//go:build linux

package truth

import (
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"netperfmeter/test/lab"
)

// TestAgainstSS: figures of the transport vectors agree with those of ss(8).
// Counters that only grow lie between those of the lines before and after it;
// the others are no further than the tolerances below from the nearest of
// several lines around it.
func TestAgainstSS(t *testing.T) {
	t.Parallel()
	lab.NeedTools(t, "ss")
	b := lab.WithBox(t)
	passive := b.Server.StartPassive(t, 9000)
	dir := t.TempDir()
	p := b.Client.Start(t, lab.Ours(t, b.ServerAddr.String(), "--interval=0.1", "-vector=r.vec",
		"-tcp", "const200:const4000:const100:const2000:cc=reno", "-mptcp", "const200:const4000:const100:const2000").In(dir))
	p.Await(t, "starting", 20*time.Second, func() bool { return strings.Contains(passive.Output(), "measurement started") })
	time.Sleep(time.Second)
	var looks []ssLook
	for range 3 {
		looks = append(looks, askSS(t, b.Client, 9000), askSS(t, b.Client, 8999))
		time.Sleep(200 * time.Millisecond)
	}
	time.Sleep(500 * time.Millisecond)
	if r := p.Stop(); r.Code != 0 {
		t.Fatal(r)
	}
	for _, look := range looks {
		file := map[int]string{9000: "r-active-00000000-0000-transport.vec", 8999: "r-active-00000001-0000-transport.vec"}[look.port]
		look.compare(t, lab.ReadTransport(t, filepath.Join(dir, file)))
	}
}

// ssLook is what ss has said of the only connection to a port.
type ssLook struct {
	port     int
	from, to int64 // when it was asked, microseconds since the epoch
	text     string
}

func askSS(t *testing.T, n *lab.Namespace, port int) ssLook {
	t.Helper()
	l := ssLook{port: port, from: time.Now().UnixMicro()}
	l.text = n.Shell(t, "ss -tinH state established dport = :"+strconv.Itoa(port))
	l.to = time.Now().UnixMicro()
	return l
}

// figure finds a figure of ss by its pattern, 0 if there is none.
func (l ssLook) figure(t *testing.T, pattern string) float64 {
	t.Helper()
	m := regexp.MustCompile(`[ \t]` + pattern + `(?:[ \n]|$)`).FindStringSubmatch(l.text)
	if m == nil {
		return 0
	}
	v, err := strconv.ParseFloat(m[1], 64)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func (l ssLook) compare(t *testing.T, rows []lab.TransportRow) {
	t.Helper()
	before, after := -1, -1
	for i, row := range rows {
		switch at := int64(row.Number(t, "AbsTime")); {
		case at <= l.from:
			before = i
		case at >= l.to && after < 0:
			after = i
		}
	}
	if before < 0 || after < 0 {
		t.Fatalf("no lines around ss at %d", l.from)
	}
	for column, pattern := range map[string]string{
		"SentBytes": `bytes_sent:(\d+)`, "AckedBytes": `bytes_acked:(\d+)`, "ReceivedBytes": `bytes_received:(\d+)`,
		"Retransmits": `retrans:\d+/(\d+)`, "RetransmittedBytes": `bytes_retrans:(\d+)`,
	} {
		v := l.figure(t, pattern)
		low, high := rows[before].Number(t, column), rows[after].Number(t, column)
		if v < low || v > high || v == 0 && strings.HasSuffix(column, "edBytes") && column != "RetransmittedBytes" {
			t.Errorf("port %d: %s %v by ss, %v before and %v after", l.port, column, v, low, high)
		}
	}
	for column, c := range map[string]struct {
		pattern             string
		relative, tolerance float64
	}{
		"MSS": {`mss:(\d+)`, 0, 0}, "CWnd": {`cwnd:(\d+)`, 0.5, 2}, "SRTT": {`rtt:([0-9.]+)/[0-9.]+`, 1, 0.5},
		"MinRTT": {`minrtt:([0-9.]+)`, 0, 0.05}, "RTO": {`rto:(\d+)`, 0.1, 5},
	} {
		v, near := l.figure(t, c.pattern), false
		for i := max(before-2, 0); i <= min(after+2, len(rows)-1); i++ {
			is := rows[i].Number(t, column)
			near = near || max(v-is, is-v) <= c.tolerance+c.relative*is
		}
		if !near || v == 0 && column != "MinRTT" {
			t.Errorf("port %d: %s %v by ss, %s before and %s after", l.port, column, v, rows[before][column], rows[after][column])
		}
	}
	if cc := rows[before]["CongestionControl"]; !strings.Contains(l.text, " "+cc+" ") {
		t.Errorf("port %d: congestion control %q, ss: %s", l.port, cc, l.text)
	}
}
