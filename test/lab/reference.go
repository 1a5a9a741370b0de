//go:build linux

package lab

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	_ "embed"
)

// The reference program is Debian's netperfmeter 1.9.4. What to know about it:
//
//   - Its active side needs -control-over-tcp. It exits with 0 after a measurement, after SIGINT too, and with 1 on any
//     failure, with the reason on stdout or stderr ("ERROR: ...").
//   - Its passive side insists on SCTP; a preloaded library fakes the two SCTP listeners. It serves until a signal,
//     one measurement after another, and exits with 0 after SIGINT.
//   - Both print a status line each second and a dot for each RESULTS message, which is a lot for a large vector file.
//   - A measurement takes about a second longer than its run time.
//   - Options and flows are in the form -name=value and -tcp SPEC; a FLOWSPEC with options needs all four values before them.

//go:embed preload/sctpfake.c
var sctpFake []byte

// sctpFakeLibrary compiles the preloaded library once.
var sctpFakeLibrary = sync.OnceValues(func() (string, error) {
	dir, err := built()
	if err != nil {
		return "", err
	}
	source, library := filepath.Join(dir, "sctpfake.c"), filepath.Join(dir, "sctpfake.so")
	if err := os.WriteFile(source, sctpFake, 0o644); err != nil {
		return "", err
	}
	if out, err := exec.Command("gcc", "-shared", "-fPIC", "-O2", "-o", library, source, "-ldl").CombinedOutput(); err != nil {
		return "", fmt.Errorf("compiling the preloaded library: %w\n%s", err, out)
	}
	return library, nil
})

// StartReferencePassive starts the reference as passive side, for TCP and UDP, and waits until it listens.
func (n *Namespace) StartReferencePassive(t testing.TB, base int, args ...string) *Process {
	t.Helper()
	NeedTools(t, "netperfmeter", "gcc")
	library, err := sctpFakeLibrary()
	if err != nil {
		t.Fatal(err)
	}
	p := n.Start(t, Command{Name: "netperfmeter", Args: append([]string{fmt.Sprint(base)}, args...),
		Env: []string{"LD_PRELOAD=" + library}, Limit: 10 * time.Minute})
	n.awaitPassive(t, p, base)
	return p
}

// Reference is a run of the reference as active side; -control-over-tcp is added.
func Reference(t testing.TB, remote string, args ...string) Command {
	t.Helper()
	NeedTools(t, "netperfmeter")
	return Command{Name: "netperfmeter", Args: append([]string{remote, "-control-over-tcp"}, args...)}
}
