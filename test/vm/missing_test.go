//go:build linux

package vm

import (
	"fmt"
	"strings"
	"testing"

	"netperfmeter/test/lab"
)

// verdict is a test that remembers how it was ended.
type verdict struct {
	testing.TB
	skipped, failed string
}

func (v *verdict) Helper() {}

func (v *verdict) Skipf(format string, args ...any) { v.skipped = fmt.Sprintf(format, args...) }

func (v *verdict) Fatalf(format string, args ...any) {
	v.failed = fmt.Sprintf(format, args...)
	panic(v)
}

// TestMissing: what is not there is named; it skips, or fails where nothing may be missing.
func TestMissing(t *testing.T) {
	cache := t.TempDir()
	t.Setenv("NETPERFMETER_VM_CACHE", cache)
	t.Setenv("PATH", t.TempDir())
	tests := []struct {
		required        string
		skipped, failed bool
	}{
		{"", true, false},
		{"1", false, true},
	}
	for _, test := range tests {
		t.Setenv(lab.RequirePeers, test.required)
		v := &verdict{TB: t}
		func() {
			defer func() {
				if r := recover(); r != nil && r != v {
					panic(r)
				}
			}()
			need(v)
		}()
		if (v.skipped != "") != test.skipped || (v.failed != "") != test.failed {
			t.Errorf("%s=%q: skipped %q, failed %q", lab.RequirePeers, test.required, v.skipped, v.failed)
		}
		for _, name := range []string{"a kernel in " + cache, "qemu-system-x86_64", "tcpdump", "test/vm/install"} {
			if !strings.Contains(v.skipped+v.failed, name) {
				t.Errorf("%q is not named in %q", name, v.skipped+v.failed)
			}
		}
	}
}
