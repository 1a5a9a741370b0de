//go:build linux

package lab

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// Capture is a running capture.
type Capture struct {
	File    string // complete after Stop
	process *Process
}

// Capture starts capturing on an interface ("lo", "any", ...) with a filter in tcpdump's language.
func (n *Namespace) Capture(t testing.TB, device, filter string) *Capture {
	t.Helper()
	NeedTools(t, "tcpdump")
	c := &Capture{File: filepath.Join(t.TempDir(), device+".pcap")}
	// Packet by packet to the file, from a large buffer, and as root: it could not write into the test's folder.
	c.process = n.Start(t, Command{Name: "tcpdump", Limit: 10 * time.Minute,
		Args: []string{"-i", device, "-n", "-U", "-Z", "root", "-B", "65536", "--immediate-mode", "-w", c.File, filter}})
	c.process.Await(t, "capturing", 10*time.Second, func() bool {
		return strings.Contains(c.process.Output(), "listening on")
	})
	return c
}

var dropped = regexp.MustCompile(`(\d+) packets? dropped by kernel`)

// Stop ends the capture. A capture with holes in it fails the test.
func (c *Capture) Stop(t testing.TB) {
	t.Helper()
	time.Sleep(50 * time.Millisecond) // what has been sent is on its way through the capture's buffer
	r := c.process.Stop()
	if m := dropped.FindStringSubmatch(r.Stderr); m == nil || m[1] != "0" {
		t.Fatalf("capture of %s is not complete: %v", c.File, r)
	}
}

// Tshark dissects a capture: one line for each packet that the display filter selects, its fields separated by tabs.
// Without fields the lines are tshark's summaries. More arguments of tshark's go before.
func Tshark(t testing.TB, file, filter string, fields []string, args ...string) []string {
	t.Helper()
	NeedTools(t, "tshark")
	args = append([]string{"-r", file, "-n", "-Y", filter}, args...)
	if len(fields) > 0 {
		args = append(args, "-T", "fields")
	}
	for _, f := range fields {
		args = append(args, "-e", f)
	}
	out := filepath.Join(t.TempDir(), "tshark.txt")
	r := Run(t, Command{Name: "sh", Args: append([]string{"-c", `exec tshark "$@" >"$0"`, out}, args...), Limit: 3 * time.Minute})
	if r.Code != 0 {
		t.Fatalf("tshark %v: %v", args, r)
	}
	text, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	if len(text) == 0 {
		return nil
	}
	return strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")
}

// NothingMalformed fails the test if tshark finds a packet that it cannot dissect.
func NothingMalformed(t testing.TB, file string) {
	t.Helper()
	if lines := Tshark(t, file, "_ws.malformed", nil); len(lines) > 0 {
		t.Errorf("%d malformed packets, the first: %s", len(lines), fmt.Sprint(lines[0]))
	}
}
