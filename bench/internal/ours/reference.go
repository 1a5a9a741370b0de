//go:build linux

package ours

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"time"

	"netperfmeter/bench/internal/lab"
)

// preloadSource fakes SCTP's listeners for the reference's passive side, which does
// not start on a kernel without SCTP; it changes nothing on TCP and UDP.
const preloadSource = "test/lab/preload/sctpfake.c"

var versionNumber = regexp.MustCompile(`[0-9]+\.[0-9]+\.[0-9]+`)

// Reference prepares Debian's netperfmeter. Its version is given by the package, as
// the program prints none.
func Reference(ctx context.Context) (*Program, error) {
	path, err := exec.LookPath("netperfmeter")
	if err != nil {
		return nil, errors.New("netperfmeter is not installed")
	}
	if _, err := os.Stat(preloadSource); err != nil {
		return nil, fmt.Errorf("its passive side needs %s", preloadSource)
	}
	folder, err := os.MkdirTemp("", "netperfmeter-bench-")
	if err != nil {
		return nil, err
	}
	p := &Program{Path: path, Folder: folder, Options: []string{"-control-over-tcp"}}
	library := filepath.Join(folder, "sctpfake.so")
	out, _, err := lab.Run(ctx, time.Minute, "gcc", "-O2", "-shared", "-fPIC", "-o", library, preloadSource, "-ldl")
	if err != nil {
		return nil, errors.Join(fmt.Errorf("compiling %s: %w: %s", preloadSource, err, out), p.Close())
	}
	p.Environment = []string{"LD_PRELOAD=" + library}
	out, _, _ = lab.Run(ctx, 5*time.Second, "dpkg-query", "-W", "netperfmeter")
	p.Version = versionNumber.FindString(out)
	return p, nil
}
