package channels

import (
	"bytes"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// ReadEnvironment asks this host, in the network namespace of the caller.
func ReadEnvironment() Environment {
	e := Environment{System: runtime.GOOS, Machine: runtime.GOARCH, CongestionControls: availableCongestionControls()}
	var name unix.Utsname
	if unix.Uname(&name) == nil {
		e.Kernel = unix.ByteSliceToString(name.Release[:])
	}
	e.CongestionControl = readSysctl("net/ipv4/tcp_congestion_control")
	e.MPTCP = readMPTCPEnvironment()
	return e
}

// sysctls is where the kernel's settings are.
const sysctls = "/proc/sys"

// readSysctl returns "" where the kernel does not have it.
func readSysctl(name string) string {
	text, err := os.ReadFile(filepath.Join(sysctls, name))
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(text))
}

// readMPTCPEnvironment returns nil where the kernel has no MPTCP.
func readMPTCPEnvironment() *MPTCPEnvironment {
	entries, err := os.ReadDir(filepath.Join(sysctls, "net/mptcp"))
	if err != nil {
		return nil
	}
	m := &MPTCPEnvironment{Sysctls: make(map[string]string), Counters: MPTCPCounters()}
	for _, entry := range entries {
		m.Sysctls[entry.Name()] = readSysctl(filepath.Join("net/mptcp", entry.Name()))
	}
	m.Enabled = m.Sysctls["enabled"] == "1"
	m.Scheduler = m.Sysctls["scheduler"]
	m.PathManager = m.Sysctls["path_manager"]
	if m.PathManager == "" { // before Linux 6.16
		m.PathManager = map[string]string{"0": "kernel", "1": "userspace"}[m.Sysctls["pm_type"]]
	}
	m.BlackholeTimeout, _ = strconv.Atoi(m.Sysctls["blackhole_timeout"]) // 0 where there is none
	readPathManager(m)
	return m
}

// MPTCPCounters returns the counters of MPTCP in the caller's network
// namespace that are not 0, by the names that nstat(8) puts behind MPTcpExt.
func MPTCPCounters() map[string]uint64 {
	text, err := os.ReadFile("/proc/thread-self/net/netstat")
	if err != nil {
		return nil
	}
	return parseNetstat(text, "MPTcpExt:")
}

// parseNetstat reads the two lines of a group of /proc/net/netstat: the names,
// then the values in the same order.
func parseNetstat(text []byte, group string) map[string]uint64 {
	counters := make(map[string]uint64)
	var names []string
	for line := range bytes.Lines(text) {
		words := strings.Fields(string(line))
		if len(words) == 0 || words[0] != group {
			continue
		}
		if names == nil {
			names = words
			continue
		}
		for i, word := range words[1:] {
			if v, err := strconv.ParseUint(word, 10, 64); err == nil && v != 0 && i+1 < len(names) {
				counters[names[i+1]] = v
			}
		}
		break
	}
	return counters
}
