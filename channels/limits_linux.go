package channels

import (
	"runtime"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"netperfmeter/sys"
)

// readLimits reads settings of the caller's network namespace, where they are
// its own, and of the process.
func readLimits() Limits {
	l := Limits{
		Processors:       runtime.NumCPU(),
		SendBuffer:       sysctlNumber("net/core/wmem_max", 0),
		ReceiveBuffer:    sysctlNumber("net/core/rmem_max", 0),
		TCPSendBuffer:    sysctlNumber("net/ipv4/tcp_wmem", 2),
		TCPReceiveBuffer: sysctlNumber("net/ipv4/tcp_rmem", 2),
		Backlog:          sysctlNumber("net/core/somaxconn", 0),
		FirstLocalPort:   sysctlNumber("net/ipv4/ip_local_port_range", 0),
		LastLocalPort:    sysctlNumber("net/ipv4/ip_local_port_range", 1),
	}
	l.Descriptors, _ = sys.DescriptorLimit()
	var host unix.Sysinfo_t
	if unix.Sysinfo(&host) == nil {
		l.Memory = uint64(host.Totalram) * uint64(host.Unit) // 32 bits on some machines
	}
	return l
}

// sysctlNumber is one of the numbers of a setting, 0 where there is none.
func sysctlNumber(name string, index int) uint64 {
	fields := strings.Fields(readSysctl(name))
	if index >= len(fields) {
		return 0
	}
	n, err := strconv.ParseUint(fields[index], 10, 64)
	if err != nil {
		return 0
	}
	return n
}
