//go:build linux

// Package lab is the bench that end-to-end tests work on: network namespaces of their own, processes with bounded
// time and captured output, the reference program in both roles, captures, and readers for result files.
//
// A namespace is held open by a thread of the test process and has no name in the file system. Processes started in
// it die with that thread, so that neither outlives the test, however it ends. The readers share no code with the
// program under test. A test that lacks a tool or a right is skipped with the reason; where
// NETPERFMETER_REQUIRE_PEERS=1 is set (test/all does) it fails instead.
package lab

import (
	"os"
	"os/exec"
	"strings"
	"testing"
)

// RequirePeers is the environment variable that turns skipping for lack of a tool or a right into a failure.
const RequirePeers = "NETPERFMETER_REQUIRE_PEERS"

// Unable skips the test with a reason, or fails it where nothing may be missing.
func Unable(t testing.TB, format string, args ...any) {
	t.Helper()
	if os.Getenv(RequirePeers) == "1" {
		t.Fatalf("with %s=1 nothing may be missing: "+format, append([]any{RequirePeers}, args...)...)
	}
	t.Skipf(format, args...)
}

// NeedRoot is for tests that make namespaces, shape links or capture.
func NeedRoot(t testing.TB) {
	t.Helper()
	if os.Geteuid() != 0 {
		Unable(t, "needs root to make a network namespace")
	}
}

// NeedTools is for tests that run programs of others.
func NeedTools(t testing.TB, tools ...string) {
	t.Helper()
	var missing []string
	for _, tool := range tools {
		if _, err := exec.LookPath(tool); err != nil {
			missing = append(missing, tool)
		}
	}
	if len(missing) > 0 {
		Unable(t, "needs %s: run test/install-peers", strings.Join(missing, ", "))
	}
}
