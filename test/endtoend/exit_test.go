//go:build linux

package endtoend

import (
	"strings"
	"testing"

	"netperfmeter/test/lab"
)

// refused checks the exit status and that the last line on stderr gives the
// reason.
func refused(t *testing.T, r lab.Result, code int, reason string) {
	t.Helper()
	text := strings.TrimSpace(r.Stderr)
	last := text[strings.LastIndexByte(text, '\n')+1:]
	if r.Code != code || r.TimedOut || !strings.HasPrefix(last, "netperfmeter: ") || !strings.Contains(last, reason) {
		t.Errorf("want exit status %d with %q at the end of stderr: %v", code, reason, r)
	}
}
