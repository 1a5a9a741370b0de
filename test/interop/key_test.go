//go:build linux

package interop

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"netperfmeter/test/lab"
)

// TestReferenceAndKeys: Debian's program cannot prove that it knows a key. Neither side of ours goes on with it then, and
// both say why.
func TestReferenceAndKeys(t *testing.T) {
	t.Parallel()
	key := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(key, []byte("a key that one side knows\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	n := lab.Loopback(t)
	passive := n.StartPassive(t, 9000, "--key-file", key)
	r := n.Run(t, lab.Reference(t, "127.0.0.1:9000", "-runtime=1", "-tcp", "const10:const100:const10:const100").For(30*time.Second))
	if r.Code == 0 || r.TimedOut {
		t.Errorf("the reference measured without the key: %v", r)
	}
	passive.Await(t, "a line about the refusal", 10*time.Second, func() bool {
		return strings.Contains(passive.Output(), "request=ADD_FLOW") && strings.Contains(passive.Output(), "refusal=key")
	})

	other := lab.Loopback(t)
	other.StartReferencePassive(t, 9000)
	r = other.Run(t, lab.Ours(t, "127.0.0.1:9000", "--peer-version", "1.9", "--key-file", key, "-runtime=1", "-tcp", "const10:const100").For(30*time.Second))
	if r.Code != 4 || !strings.Contains(r.Stderr, "cannot prove that it knows the key") {
		t.Errorf("measured with a passive side that does not know the key: %v", r)
	}
}
