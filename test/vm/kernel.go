//go:build linux

package vm

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"netperfmeter/test/lab"
)

// modules are loaded in this order. The virtio ones are for the serial port that cases come through.
var modules = []string{
	"crypto/crc32c_generic", "lib/libcrc32c", "net/ipv4/udp_tunnel", "net/ipv6/ip6_udp_tunnel", "net/sctp/sctp",
	"net/dccp/dccp", "net/dccp/dccp_ipv4", "net/dccp/dccp_ipv6",
	"net/sched/sch_netem", "net/sched/sch_tbf", "drivers/net/veth",
	"drivers/virtio/virtio_ring", "drivers/virtio/virtio", "drivers/virtio/virtio_pci_legacy_dev",
	"drivers/virtio/virtio_pci_modern_dev", "drivers/virtio/virtio_pci", "drivers/char/virtio_console",
}

// tools of this machine are needed inside as they are. Busybox has the rest; it is no good as a shell, nor where a
// program starts another one, since it takes its own ip for everybody's.
var tools = []string{"dash", "timeout", "nsenter", "ip", "tc", "tcpdump", "busybox"}

// kernelDir is where the installer has put the kernel.
func kernelDir() (string, error) {
	cache := os.Getenv("NETPERFMETER_VM_CACHE")
	if cache == "" {
		user, err := os.UserCacheDir()
		if err != nil { // neither XDG_CACHE_HOME nor HOME
			user = os.TempDir()
		}
		cache = filepath.Join(user, "netperfmeter", "vm")
	}
	dir := filepath.Join(cache, "kernel")
	if _, err := os.Stat(filepath.Join(dir, "vmlinux")); err != nil {
		return "", fmt.Errorf("a kernel in %s", dir)
	}
	return dir, nil
}

// need skips the test, or fails it where nothing may be missing, and says what is missing.
func need(t testing.TB) (kernel string) {
	t.Helper()
	kernel, err := kernelDir()
	for _, tool := range append([]string{"qemu-system-x86_64", "netperfmeter", "ldd"}, tools...) {
		if _, lookErr := exec.LookPath(tool); lookErr != nil {
			err = errors.Join(err, errors.New(tool))
		}
	}
	if err != nil {
		lab.Unable(t, "the virtual machine needs %s: run test/vm/install", strings.ReplaceAll(err.Error(), "\n", ", "))
	}
	return kernel
}
