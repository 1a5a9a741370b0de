package wire_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"netperfmeter/wire"
)

// captureCounts is what the captures hold, so that a reader that sees nothing
// cannot pass. DATA is less than was sent: some began in parts of a packet that
// were not captured.
var captureCounts = map[string]map[wire.Type]int{
	"tcp-udp-mptcp": {
		wire.TypeAcknowledge: 20, wire.TypeAddFlow: 6, wire.TypeRemoveFlow: 6, wire.TypeIdentify: 6,
		wire.TypeData: 318, wire.TypeStart: 1, wire.TypeStop: 1, wire.TypeResults: 31,
	},
	"sctp-dccp": {
		wire.TypeAcknowledge: 20, wire.TypeAddFlow: 6, wire.TypeRemoveFlow: 6, wire.TypeIdentify: 6,
		wire.TypeData: 223, wire.TypeStart: 1, wire.TypeStop: 1, wire.TypeResults: 7,
	},
}

func checkCount(t *testing.T, messages []captured, s source) {
	t.Helper()
	got := map[wire.Type]int{}
	for _, m := range messages {
		got[wire.Type(m.bytes[0])]++
	}
	for kind, want := range captureCounts[filepath.Base(s.capture)] {
		if got[kind] != want {
			t.Errorf("%d %s, want %d", got[kind], kind, want)
		}
	}
}

// checkConfig compares the ADD_FLOWs with the reference's own configuration
// file. Its inbound direction is the one that travels.
func checkConfig(t *testing.T, messages []captured, file string) {
	t.Helper()
	config := readConfig(t, file)
	for _, m := range messages {
		if wire.Type(m.bytes[0]) != wire.TypeAddFlow {
			continue
		}
		got := addFlowOf(t, m) // which checkAddFlow has found to be the same
		prefix := fmt.Sprintf("FLOW%d_", got.Flow)
		want := map[string]string{
			"DESCRIPTION":               got.Description,
			"PROTOCOL":                  got.Protocol.String(),
			"RELIABLE":                  fmt.Sprintf("%f", got.Reliable),
			"ORDERED":                   fmt.Sprintf("%f", got.Ordered),
			"NODELAY":                   onOff(got.NoDelay),
			"DEBUG":                     onOff(got.Debug),
			"CC":                        got.CongestionControl,
			"INBOUND_FRAME_RATE_RNG_ID": strconv.Itoa(int(got.FrameRate.Kind)),
			"INBOUND_FRAME_SIZE_RNG":    strconv.Itoa(int(got.FrameSize.Kind)),
		}
		for i := range got.FrameRate.Values {
			want[fmt.Sprintf("INBOUND_FRAME_RATE_VALUE%d", i+1)] = fmt.Sprintf("%f", got.FrameRate.Values[i])
			want[fmt.Sprintf("INBOUND_FRAME_SIZE_VALUE%d", i+1)] = fmt.Sprintf("%f", got.FrameSize.Values[i])
		}
		if got.Legacy() {
			want["PATHMGR"], want["SCHEDULER"] = got.PathMgr, got.Scheduler
			want["NDIFFPORTS"] = strconv.Itoa(int(got.NDiffPorts))
		}
		for name, value := range want {
			if config[prefix+name] != value {
				t.Errorf("packet %d: %s%s is %q in the message, %q in the file", m.packet, prefix, name, value, config[prefix+name])
			}
		}
	}
}

func onOff(on bool) string {
	if on {
		return "on"
	}
	return "off"
}

func readConfig(t *testing.T, file string) map[string]string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	config := map[string]string{}
	for line := range strings.Lines(string(text)) {
		if name, value, ok := strings.Cut(strings.TrimSpace(line), "="); ok {
			config[name] = strings.Trim(value, `"`)
		}
	}
	return config
}

// checkResults rebuilds all RESULTS from the passive side's files and finds
// the captured ones among them, in order.
func checkResults(t *testing.T, messages []captured, folder string) {
	t.Helper()
	var expected [][]byte
	for _, pattern := range []string{"run-passive.vec*", "run-passive.sca*", "run-passive-*.vec*"} {
		files, err := filepath.Glob(filepath.Join(folder, pattern))
		if err != nil || len(files) == 0 {
			t.Fatalf("no %s in %s: %v", pattern, folder, err)
		}
		for _, file := range files {
			expected = append(expected, resultMessages(t, file)...)
		}
	}
	for _, m := range messages {
		if wire.Type(m.bytes[0]) != wire.TypeResults {
			continue
		}
		for len(expected) > 0 && (len(expected[0]) != m.length || !bytes.HasPrefix(expected[0], m.bytes)) {
			expected = expected[1:]
		}
		if len(expected) == 0 {
			t.Fatalf("packet %d is no piece of a result file, or not in order", m.packet)
		}
		expected = expected[1:]
	}
}

func resultMessages(t *testing.T, file string) [][]byte {
	t.Helper()
	rest, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var messages [][]byte
	for last := false; !last; {
		n := min(len(rest), wire.MaxResultsData)
		last = n < wire.MaxResultsData
		b, err := wire.Results{Last: last, Data: rest[:n]}.Append(nil)
		if err != nil {
			t.Fatal(err)
		}
		messages = append(messages, b)
		rest = rest[n:]
	}
	return messages
}
